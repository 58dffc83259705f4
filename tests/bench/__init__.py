"""Measurements, not tests: both sides interleaved in one process, figures as JSON."""
