"""Hostile files by the hundred: each is read or refused, soon, in bounds, and calls nobody."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from civicsight.core.errors import InputError
from civicsight.io.apart import fence
from civicsight.io.apart.reading import Gate
from civicsight.io.tables.inventory import read_cameras
from tests.exchange_made import HOUSES_IN
from tests.spoilt.attacks import texts
from tests.spoilt.case import written
from tests.spoilt.corpus import CORPUS, EACH, FILES, PROJECTS, READ_FORMATS, sample
from tests.spoilt.run import run, table
from tests.spoilt.sound import Sound
from tests.spoilt.spoil import MANY
from tests.spoilt.watch import Watch, watching
from tests.spoilt.ways import MOST_MB, MOST_S, measured

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fences are those of Linux")


def test_every_format_that_is_read_is_attacked():
    """A format that is added to the table brings its hostile files, or this fails."""
    attacked = Counter(case.format for case in CORPUS)
    assert not [name for name in READ_FORMATS if attacked[name] < EACH]
    assert len(FILES) >= 500
    assert len(PROJECTS) >= 60
    assert len({case.id for case in CORPUS}) == len(CORPUS)
    said = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert f"| {len(FILES):,} hostile files over every format that is read" in said
    assert f"and {len(PROJECTS)} hostile projects" in said


@pytest.mark.slow
def test_a_sample_of_each_format_is_read_or_refused_in_words_within_bounds(tmp_path):
    cases = sample(2)
    tried = run(cases, tmp_path, ["api"], traced=False)
    sys.stdout.write(table(tried))
    assert len(tried.answers) == len(cases)
    assert not tried.broken


@pytest.mark.slow
def test_a_few_through_the_command_line_and_the_app(tmp_path):
    cases = sample(1)[::5]
    tried = run(cases, tmp_path, ["entry", "app"], traced=False)
    assert len(tried.answers) > len(cases)
    assert not tried.broken


FOUND = {
    "ZIP: blocks.zip, a name of 60,000 letters": "archive.path",
    "XLSX: XML, an encoding that nobody knows": "file.damaged",
    "XLSX: a sheet with a name of a megabyte": "workbook.sheet_name",
    "text: a number beyond all": "cell.value",
    "ESRI Shapefile: parts, a field wider than its row": "file.damaged",
    "Parquet: columns, an encoding of Arrow": "file.damaged",
    "Parquet: columns, two million rows of one shape": "parquet.repeated",
}
"""What was told as an error of a library when these were first tried, or read in part, or to no
end, and its code by now."""


@pytest.mark.slow
def test_what_was_found_by_trying_stays_mended(tmp_path):
    wanted = [case for case in CORPUS if case.id in FOUND]
    tried = run(wanted, tmp_path, ["api"], traced=False)
    told = {case.id: tried.answers["api", case.format, case.name].told for case in wanted}
    assert told == FOUND


@pytest.mark.slow
def test_those_that_mean_enormous_ones_are_told_as_what_they_are(tmp_path):
    """Files that multiply by what their own format allows each have a message of their own."""
    wanted = [case for case in CORPUS if case.code]
    tried = run(wanted, tmp_path, ["api"], traced=False)
    told = {case.id: tried.answers["api", case.format, case.name].told for case in wanted}
    assert told == {case.id: case.code for case in wanted}


@pytest.mark.slow
def test_a_sample_calls_nobody_and_opens_nothing_else(tmp_path):
    tried = run(sample(4), tmp_path, ["api"])
    assert (tried.called, tried.started) == (0, 0)
    if fence.landlock_version():
        assert not tried.opened


def test_the_counts_count(tmp_path):
    """What strace writes of a process that calls, opens and starts something else."""
    lines = [
        "7 connect(4, {sa_family=AF_INET, sin_port=htons(80)}, 16) = -1 EPERM",
        '7 openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 5',
        '7 openat(AT_FDCWD, "/usr/lib/x.so", O_RDONLY) = 5',
        '7 execve("/bin/true", ["true"], 0x7ffd /* 3 vars */) = -1 EPERM',
        '7 execveat(4, "", ["true"], NULL, AT_EMPTY_PATH) = -1 EPERM',
        f'7 execve("{sys.executable}", ["python"], 0x7ffd /* 3 vars */) = 0',
    ]
    (tmp_path / "trace.txt").write_text("\n".join(lines), encoding="utf-8")
    watch = Watch(Gate(), tmp_path / "trace.txt")
    watch.tell(tmp_path)
    assert (watch.called, watch.opened, watch.started) == (1, {"/etc/passwd"}, 2)


@pytest.mark.slow
def test_a_command_is_charged_with_its_own_memory_alone(tmp_path):
    """It was charged with what the process that starts it once had: 1,899 MB for a FIFO."""
    held = bytearray(b"x" * 300_000_000)
    words = [sys.executable, "-c", "import sys; print('well'); sys.exit(3)"]
    code, cpu_s, peak_mb = measured(words, tmp_path / "log", tmp_path)
    assert (code, (tmp_path / "log").read_text()) == (3, "well\n")
    assert 0 < cpu_s < MOST_S
    assert 1 < peak_mb < 100 < len(held) / 1e6
    holding = [sys.executable, "-c", "bytearray(b'x' * 200_000_000)"]
    assert measured(holding, tmp_path / "log", tmp_path)[2] > 200


SMALL = ("1e-999999999", "0." + "3" * 5_000)
NUMBERS = (*SMALL, "1e999", "1e999999999", "9" * 5_000, "1e308")


@pytest.mark.parametrize("number", NUMBERS, ids=lambda text: text[:12])
def test_no_number_is_too_long_or_too_large_to_be_told(tmp_path, number):
    """A power of ten with nine digits was worked out in full, and never came to its end."""
    path = written("a.csv", texts.height(number).replace("height_m", "height_cm"))(tmp_path)
    if number in SMALL:
        rows, _ = read_cameras(path)
        assert (rows["height_m"].fillna(0) < 1).all()
        return
    with pytest.raises(InputError) as caught:
        read_cameras(path)
    assert all(str(fault.remedy) for fault in caught.value.faults)


@pytest.mark.slow
def test_a_piece_of_an_outline_repeated_takes_no_memory(tmp_path):
    """It took 3.2 GB to repair a ring that goes 3,000 times through the same three corners."""
    path = HOUSES_IN["KML with a schema"](tmp_path)
    text = path.read_text(encoding="utf-8")
    begin, end = "<coordinates>", "</coordinates>"
    ring = text.partition(begin)[2].partition(end)[0]
    places = ring.split()
    assert len(places) >= 4
    path.write_text(text.replace(ring, " ".join([places[0], *places[1:] * MANY]), 1), "utf-8")
    with watching(tmp_path, traced=False) as watch:
        answer = watch.read(Sound(path, "buildings"), path)
    assert answer.told == "geometry.tangled"
    assert answer.peak_mb < MOST_MB
