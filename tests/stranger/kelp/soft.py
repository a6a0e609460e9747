"""A solver of somebody else: ours under another name."""

from civicsight.planning.solver.highs import serve_standard, solve

__all__ = ["solve"]

NAME = "Soft 1.0"

if __name__ == "__main__":
    serve_standard()
