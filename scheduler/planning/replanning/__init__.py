"""Changing what is booked: least change of one series, many displaced visits, other chairs."""
