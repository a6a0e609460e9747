"""Readers under the names of the real ones, each of which dies of whatever it is given."""

from __future__ import annotations

from civicsight.io.reader_registry import READERS as REAL
from tests.apart_readers import crash

READERS = dict.fromkeys(REAL, lambda path, *_, **__: crash(path))
