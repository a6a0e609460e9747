"""What the server runs for every session."""

from __future__ import annotations

from civicsight.ui.frame import run

run()
