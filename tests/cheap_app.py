"""The command line with hashes of passwords that cost nothing: for an app into which many come."""

from civicsight.application import accounts
from civicsight.cli import main

CHEAP = 2**4

if __name__ == "__main__":
    accounts.COST_N = CHEAP
    main()
