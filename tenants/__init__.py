"""Who the organizations are, and what every room needs for each of them."""
