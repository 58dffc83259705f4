"""A day as slots: the grid, bit planes of free chairs, and counted capacity."""
