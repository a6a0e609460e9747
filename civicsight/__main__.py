"""Run the command line as ``python -m civicsight``."""

import os
import sys

if not sys.flags.safe_path and sys.path[0] == os.getcwd():  # noqa: PTH109 - pathlib is not loaded yet
    del sys.path[0]  # before anything is imported: no file of the current folder is meant

from civicsight.cli import main

if __name__ == "__main__":
    main()
