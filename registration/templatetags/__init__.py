"""What the desks' pages say by a tag."""
