"""Small files that mean enormous ones are told in words, soon, and without taking the memory."""

from __future__ import annotations

import sys

import pytest

from civicsight.core.errors import InputError
from tests.drawn import a_few
from tests.hostile_exchange import HOSTILE, READ
from tests.spoilt.sound import PLANE, TOLD, Sound
from tests.spoilt.watch import MOST_MB, MOST_S, watching

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is watched on Linux")


@pytest.fixture(scope="module")
def watch(tmp_path_factory):
    with watching(tmp_path_factory.mktemp("watch"), traced=False) as opened:
        yield opened


@pytest.mark.parametrize("name", a_few(sorted(HOSTILE), len(HOSTILE) // 3))
def test_each_is_read_or_told_in_words_within_bounds(tmp_path, monkeypatch, watch, name):
    monkeypatch.setenv("CIVICSIGHT_READ_MEMORY", "800")
    reader, code, make = HOSTILE[name]
    path = make(tmp_path)
    more = {"declared": PLANE} if path.suffix in {".dxf", ".asc"} else {}
    sound = Sound(path, reader, TOLD.get(reader, ()), more)
    answer = watch.read(sound, path)
    assert answer.told == code
    assert answer.seconds < MOST_S
    assert answer.peak_mb < MOST_MB
    if code == READ:
        return
    with pytest.raises(InputError) as caught:
        watch.gate.read(reader, path, *sound.told, **more)
    fault = caught.value.faults[0]
    assert fault.file
    assert str(fault.expected)
    assert str(fault.remedy)
