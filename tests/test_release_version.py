"""The version of the package is one fact: of its metadata, read when it is asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import civicsight
from civicsight.core import release
from civicsight.model.format_versions import own_version
from civicsight.report.html import package_version


def test_it_is_that_of_the_metadata():
    assert civicsight.__version__ == metadata.version("civicsight")
    assert "__version__" in dir(civicsight)
    assert civicsight.__version__ == own_version() == package_version("en")


def test_asking_for_it_imports_nothing_else():
    code = (
        "import sys, civicsight\n"
        "assert civicsight.__version__\n"
        "assert 'numpy' not in sys.modules and 'babel' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_an_installation_each_says_so(monkeypatch):
    def missing(_name):
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(release, "version", missing)
    assert release.installed_version() == ""
    assert own_version() == "–"
    assert "without a version" in package_version("en")
