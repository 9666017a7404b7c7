"""The gradebook: what was graded, kept whole through anything."""
