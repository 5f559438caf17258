"""What templates of every room say by a tag."""
