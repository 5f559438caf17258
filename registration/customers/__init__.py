"""The provider's customers: made, seen at a glance, cared for, found by a name after @. Composed of what stands below."""
