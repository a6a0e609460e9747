"""What is asked of a plan: aims, options and policy, as requirements of the optimiser."""
