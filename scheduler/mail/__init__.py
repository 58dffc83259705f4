"""Facts of an outbox row to a message, and the ways by which it leaves."""
