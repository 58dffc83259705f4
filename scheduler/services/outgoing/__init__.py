"""What leaves: rows that are owed, their truth, their words, their way to one worker."""
