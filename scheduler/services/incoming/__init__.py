"""What comes back: calendar replies, letters, bounces, texts; each ends with a verdict."""
