"""What the server runs for every session; the script has no code of its own to be pickled."""

from __future__ import annotations

from civicsight.ui.frame import run

run()
