"""The engine beside its peers and beside brute force: `python -m benchmarks`."""
