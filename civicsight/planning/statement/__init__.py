"""What is said of a plan: its figures, its claims, and whether it keeps what was asked."""
