"""What a developer could drop beside the methods."""
