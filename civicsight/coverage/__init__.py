"""What the cameras see: optics, sight lines, demand, the matrix and the findings over it."""

# numba imports a top-level module `coverage` to talk to coverage.py. A program started inside the
# folder above would hand it this package instead; the refusal reads as "coverage.py is absent".
if __name__ == "coverage":
    msg = "this is civicsight.coverage; import it by that name"
    raise ImportError(msg)
