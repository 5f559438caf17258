"""The first run: an embedded PostgreSQL, seeded organizations, and an inbox for what their people are sent."""
