"""Commands that only the demo has."""
