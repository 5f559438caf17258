"""The way back in."""
