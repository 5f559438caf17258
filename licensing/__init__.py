"""What an organization has bought, and what that includes."""
