"""How the series planner finds the cheapest plan, its alternatives, and ways out where none is."""
