"""What stands between organizations, and between them and the world: secrets, budgets, captchas, requests."""
