"""What templates say of an organization's own words."""
