"""What proves a plan, and what counts it again without the optimiser."""
