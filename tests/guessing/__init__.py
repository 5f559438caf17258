"""Guessing for days: what a crowd of strangers reaches, and how long it keeps the owner out."""
