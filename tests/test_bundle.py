"""The bundle for a closed network: what is in it, that it is the same twice, and that it starts."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import pytest

from tools import bundle
from tools.closed import start
from tools.licences import licence_table
from tools.tree import export
from tools.wheelhouse import PLATFORMS, PYTHONS, Target, read_pins, this_platform

LINUX = Target("linux_x86_64", "3.11")
WINDOWS = Target("win_amd64", "3.12")
HERE = Target(this_platform(), f"{sys.version_info[0]}.{sys.version_info[1]}")
ZEROS, ONES = "0" * 64, "1" * 64

LOCK = f"""plain[more]==1.0 \\
    --hash=sha256:{ZEROS} \\
    --hash=sha256:{ONES}
Only_Windows==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:{ZEROS}
only-unix==3.0 ; os_name != 'nt' and platform_system == 'Linux' \\
    --hash=sha256:{ZEROS}
split==4.0 ; python_full_version < '3.12' \\
    --hash=sha256:{ZEROS}
split==4.1 ; python_full_version >= '3.12' \\
    --hash=sha256:{ONES}
"""

PROGRAM = "import sys\nprint('civicsight', sys.argv[1:], sys.flags.isolated)\n"
METADATA = """Metadata-Version: 2.1
Name: civicsight
Version: 0.0.1
License: UNKNOWN
Classifier: License :: OSI Approved :: ISC License (ISCL)
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def test_markers_are_judged_for_the_target_and_not_for_this_machine(tmp_path):
    lock = tmp_path / "lock"
    lock.write_text(LOCK, encoding="utf-8")
    linux = {pin.name: pin for pin in read_pins(lock, LINUX)}
    windows = {pin.name: pin for pin in read_pins(lock, WINDOWS)}
    assert set(linux) == {"plain", "only-unix", "split"}
    assert set(windows) == {"plain", "only-windows", "split"}
    assert linux["plain"].hashes == {ZEROS, ONES}
    assert (linux["split"].version, windows["split"].version) == ("4.0", "4.1")


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_holds_one_version_of_every_package_for_every_target(platform, python):
    names = [pin.name for pin in read_pins(bundle.LOCK, Target(platform, python))]
    assert len(names) == len(set(names))
    assert {"streamlit", "authlib", "psycopg-binary", "ipykernel", "weasyprint"} <= set(names)
    assert ("colorama" in names) is (platform == "win_amd64")


def hand_made_wheel(folder: Path) -> Path:
    """Write a wheel whose command says how it was called."""
    path = folder / "civicsight-0.0.1-py3-none-any.whl"
    files = {
        "civicsight/__init__.py": "",
        "civicsight/__main__.py": PROGRAM,
        "civicsight-0.0.1.dist-info/METADATA": METADATA,
        "civicsight-0.0.1.dist-info/WHEEL": WHEEL,
        "civicsight-0.0.1.dist-info/licenses/LICENSE": "text",
    }
    record = "".join(f"{name},,\n" for name in [*files, "civicsight-0.0.1.dist-info/RECORD"])
    with ZipFile(path, "w") as archive:
        for name, text in (files | {"civicsight-0.0.1.dist-info/RECORD": record}).items():
            archive.writestr(name, text)
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return hand_made_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The files of this commit."""
    return export(bundle.ROOT, tmp_path_factory.mktemp("export") / "tree")


def test_the_licence_is_what_the_wheel_states(wheel):
    row = licence_table([wheel]).splitlines()[-1]
    assert row == ("| civicsight | 0.0.1 | ISC License (ISCL) | 1 in civicsight-0.0.1.dist-info |")


def test_the_sums_name_every_file_and_are_those_of_hashlib(wheel, tree):
    entries = bundle.bundle_entries(LINUX, [wheel], tree)
    sums = dict(
        reversed(line.split("  ", 1)) for line in entries.pop("SHA256SUMS").decode().splitlines()
    )
    contents = {
        name: item if isinstance(item, bytes) else item.read_bytes()
        for name, item in entries.items()
    }
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    wanted = {"civicsight.sh", "start.py", "words.json", "README.md", "README.zh-CN.md"}
    wanted |= {
        "no-python.txt",
        "LICENSE",
        "LICENCES.md",
        "sbom.cdx.json",
        "AUDIT.txt",
        "data/demo/district.gpkg",
    }
    wanted |= {"docs/closed-network.md", "docs/closed-network.zh-CN.md"}
    assert wanted <= set(entries)
    filled = [path.name for path in (tree / bundle.CLOSED).iterdir() if path.name in entries]
    assert not [name for name in filled if re.search(rb"@[A-Z_]{4,}@", contents[name])]


def test_a_bundle_for_windows_starts_by_a_batch_file_that_windows_can_read(wheel, tree):
    entries = bundle.bundle_entries(WINDOWS, [wheel], tree)
    assert "civicsight.sh" not in entries
    text = entries["civicsight.bat"]
    assert text.isascii()
    assert text.count(b"\n") == text.count(b"\r\n") > 10
    assert b"((3, 12), 'win-amd64')" in text
    assert b"powershell" not in text.lower()
    assert set(re.findall(rb"goto (\w+)", text)) == set(re.findall(rb"^:(\w+)", text, re.MULTILINE))


@pytest.mark.parametrize("zipped", [True, False])
def test_two_archives_are_equal_byte_by_byte(tmp_path, wheel, tree, zipped):
    entries = bundle.bundle_entries(LINUX, [wheel], tree)
    backwards = dict(reversed(entries.items()))
    one = bundle.write_archive(entries, "name", tmp_path / "a", zipped=zipped)
    wheel.touch()
    two = bundle.write_archive(backwards, "name", tmp_path / "b", zipped=zipped)
    assert one.read_bytes() == two.read_bytes()
    assert list(one.parent.iterdir()) == [one]
    if zipped:
        with ZipFile(one) as archive:
            infos = archive.infolist()
        assert {info.compress_type for info in infos} == {ZIP_STORED}
        modes = {info.filename: info.external_attr >> 16 for info in infos}
    else:
        with tarfile.open(one) as archive:
            members = archive.getmembers()
        assert {(member.uid, member.gid, member.uname) for member in members} == {(0, 0, "")}
        modes = {member.name: member.mode for member in members}
    assert set(modes) == {f"name/{name}" for name in entries}
    assert {name for name, mode in modes.items() if mode == 0o755} == {"name/civicsight.sh"}


def test_a_wheel_without_a_browser_file_is_found_out(tmp_path, tree):
    """What is packed is compared with the package as it was committed, browser files with it."""
    path = tmp_path / "bare.whl"
    folder = tree / "civicsight"
    lacking = {"civicsight/maps/vendor/leaflet/leaflet.js", "civicsight/ui/icon.png"}
    changed = "civicsight/rules/packs/nanchang.yaml"
    with ZipFile(path, "w", ZIP_STORED) as archive:
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(tree).as_posix()
            if file.is_file() and name not in lacking:
                data = file.read_bytes() + (b"\n" if name == changed else b"")
                archive.writestr(ZipInfo(name), data)
    assert set(bundle.lacking_files(path, tree)) == {*lacking, changed}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory, wheel, tree):
    """A bundle of one hand-made wheel, unpacked in a folder with a space in its name."""
    folder = tmp_path_factory.mktemp("closed") / "a folder"
    archive = bundle.write_archive(
        bundle.bundle_entries(HERE, [wheel], tree), "small", folder, zipped=False
    )
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / "small"


def call(unpacked, *arguments, **environment):
    command = ["/bin/sh", str(unpacked / "civicsight.sh"), *arguments]
    path = f"{Path(sys.base_prefix, 'bin')}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(unpacked.parent), **environment}
    return subprocess.run(
        command, cwd="/", env=environment, capture_output=True, encoding="utf-8", check=False
    )


posix = pytest.mark.skipif(os.name != "posix", reason="the script is that of Unix systems")


@pytest.mark.slow
@posix
def test_it_installs_once_whatever_pip_and_python_are_set_to_and_hands_arguments_on(unpacked):
    hostile = {"PIP_INDEX_URL": "http://192.0.2.1/", "PIP_REQUIRE_VIRTUALENV": "x"}
    hostile |= {"PYTHONPATH": "/nowhere", "PYTHONHOME": ""}
    first = call(unpacked, **hostile)
    assert first.stdout == "civicsight ['app'] 1\n", first.stderr
    assert "Installed." in first.stderr
    assert "安装完成" in first.stderr
    again = call(unpacked, "check", "a b", "*")
    assert again.stdout == "civicsight ['check', 'a b', '*'] 1\n"
    assert again.stderr == ""


@posix
def test_a_damaged_copy_is_named_and_nothing_is_installed(unpacked, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(unpacked, copy, ignore=shutil.ignore_patterns("env"))
    (copy / "data/demo/cameras.csv").unlink()
    with next((copy / "wheels").iterdir()).open("ab") as file:
        file.write(b"!")
    wrong = ["data/demo/cameras.csv", "wheels/civicsight-0.0.1-py3-none-any.whl"]
    assert start.wrong_files(copy) == wrong
    run = call(copy)
    assert run.returncode == 1
    assert all(name in run.stderr for name in wrong)
    assert not (copy / "env").exists()


@posix
def test_without_python_it_says_what_to_bring_in(unpacked, tmp_path):
    for tool in ("dirname", "cat"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    run = call(unpacked, PATH=str(tmp_path))
    assert run.returncode == 1
    assert f"needs Python {HERE.python}" in run.stderr
    assert f"需要 Python {HERE.python}" in run.stderr
