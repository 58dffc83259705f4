"""Templates -> plain data, keys in a fixed order, so that a file comes back to the byte."""
