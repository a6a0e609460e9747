"""The optimiser, duplicates and proofs held against their goals, beside other solvers."""
