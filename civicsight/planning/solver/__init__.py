"""The mathematics of a plan: the problem reduced, searched, bounded and solved; no city in it."""
