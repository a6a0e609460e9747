"""Other people's viewsheds, each a script of its own that any Python with that library can run.

A script is called with two files: a job made by `benchmarks.job`, and where to put its answers.
"""
