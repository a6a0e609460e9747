"""A plan as it is kept: its value, its documents, their digests, and what departments say of it."""
