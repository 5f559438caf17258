"""Who a person is, and how they can prove it."""
