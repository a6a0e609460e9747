"""The command line: the API's own verbs, thin, in two languages.

Exit codes: 0 done, 1 the check found a violation, 2 the input cannot be used, 3 an internal error,
130 stopped by the user.
"""

from __future__ import annotations

from civicsight.cli.entry import main

__all__ = ["main"]
