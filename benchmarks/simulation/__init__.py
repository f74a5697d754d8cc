"""``make simulate``: seeded years of a warehouse whose books go wrong, counted by the addon's own code."""
