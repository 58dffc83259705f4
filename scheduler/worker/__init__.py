"""The worker: a clock that ticks and the jobs that it runs; the database is the queue."""
