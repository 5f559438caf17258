"""What the fixtures of directories promise to the tests that use them."""
