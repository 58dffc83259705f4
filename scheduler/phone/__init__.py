"""The phone room: words to text messages and calls, and the provider that carries them."""
