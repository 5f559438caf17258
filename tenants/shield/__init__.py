"""What keeps organizations and the outside apart: sealed secrets, budgets, the client's address, captchas, outgoing requests."""
