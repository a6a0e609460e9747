"""The cache of compiled kernels: named after their text, left out where the disk refuses."""

import numba
import pytest

from civicsight.coverage._kernels import compile as compiling


def test_a_kernel_computes_and_leaves_the_settings_of_numba_as_they_were():
    before = numba.config.CACHE_DIR

    @compiling.kernel
    def double(x):
        return 2.0 * x

    assert double(1.5) == 3.0
    assert before == numba.config.CACHE_DIR


def test_a_part_runs_as_written_from_python_and_compiled_within_a_kernel():
    @compiling.part
    def halve(x):
        return x // 2

    @compiling.kernel
    def quarter(x):
        return halve(halve(x))

    assert halve(10**30) == 5 * 10**29
    assert quarter(9) == 2


def test_settings_of_numba_are_put_back_even_if_it_refuses(monkeypatch):
    before = numba.config.CACHE_DIR

    def refuse(**options):
        assert options["nogil"]
        msg = "no locator"
        raise RuntimeError(msg)

    monkeypatch.setattr(numba, "njit", refuse)
    with pytest.raises(RuntimeError, match="no locator"):
        compiling.kernel(abs)
    assert before == numba.config.CACHE_DIR


@pytest.mark.parametrize("chosen", ["", "elsewhere"])
def test_the_cache_lies_in_our_folder_unless_the_user_chose_another(monkeypatch, chosen):
    seen = []

    def watch(**options):
        seen.append((numba.config.CACHE_DIR, options["cache"]))
        return lambda func: func

    monkeypatch.setattr(numba.config, "CACHE_DIR", chosen)
    monkeypatch.setattr(numba, "njit", watch)
    for folder in ("ours", None):
        monkeypatch.setattr(compiling, "FOLDER", folder)
        compiling.kernel(abs)
    assert seen == [(chosen or "ours", True), (chosen, False)]


def test_the_folder_is_made_for_this_user_and_named_after_the_digest(monkeypatch, tmp_path):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path))
    folder = tmp_path / "kernels" / compiling._digest()
    assert compiling._cache_folder() == str(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert compiling._cache_folder() == str(folder), "a second time it is there already"


def test_a_disk_that_refuses_means_no_cache(monkeypatch, tmp_path):
    taken = tmp_path / "file"
    taken.write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(taken))
    assert compiling._cache_folder() is None

    def read_only(*_args, **_kwargs):
        raise PermissionError

    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compiling.Path, "touch", read_only)
    assert compiling._cache_folder() is None


def test_the_digest_changes_with_any_kernel_and_with_bounds_checks(monkeypatch, tmp_path):
    rooms = [tmp_path / room / "_kernels" for room in ("coverage", "planning")]
    for room, name in zip(rooms, ("one.py", "two.py"), strict=True):
        room.mkdir(parents=True)
        (room / name).write_text("pass", encoding="utf-8")
    monkeypatch.setattr(compiling, "__file__", str(rooms[0] / "compile.py"))
    first = compiling._digest()
    assert first == compiling._digest()
    assert len(first) == 16
    monkeypatch.setattr(compiling._CONFIG, "BOUNDSCHECK", 1 - (compiling._CONFIG.BOUNDSCHECK or 0))
    second = compiling._digest()
    (rooms[1] / "two.py").write_text("pass  # edited", encoding="utf-8")
    assert len({first, second, compiling._digest()}) == 3
