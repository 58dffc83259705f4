"""Plain data -> templates: every problem is found, and named with its path."""
