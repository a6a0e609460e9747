"""Run the command line as ``python -m civicsight``."""

from civicsight.cli import main

if __name__ == "__main__":
    main()
