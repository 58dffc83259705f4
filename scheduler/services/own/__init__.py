"""What a patient does alone: links, the page behind them, answers, consents, the feed."""
