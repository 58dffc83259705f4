"""The planner's rules written a second time, as plain loops over minutes: what tests compare
with."""
