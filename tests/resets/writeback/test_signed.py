"""What an agent's signature proves, and what it is refused for."""
