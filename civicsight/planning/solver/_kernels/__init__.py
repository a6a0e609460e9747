"""Compiled kernels of the optimiser: arrays in, arrays filled in place; callers check them."""
