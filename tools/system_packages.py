"""Look for what pip cannot bring, a browser, a Chinese font and Pango, and install or explain it.

As root on a Debian system the missing packages are installed; anywhere else the command says what
to install. Tests that need a browser are skipped, with the reason, where there is none.
"""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
FONT_WORDS = ("cjk", "wqy", "pingfang", "msyh", "simsun", "sourcehan")
"""Parts of the names of fonts that hold Chinese."""
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)
TEXT_LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
"""Libraries that set the text of a PDF, with the Debian packages that bring them."""


def find_browser() -> str | None:
    """Return an installed Chromium or Chrome; `CIVICSIGHT_BROWSER` overrules the search."""
    chosen = os.environ.get("CIVICSIGHT_BROWSER")
    found = [chosen] if chosen else [path for name in BROWSERS if (path := shutil.which(name))]
    return next((path for path in (*found, *BROWSER_PATHS) if Path(path).is_file()), None)


def has_chinese_font() -> bool:
    """Tell whether a font with Chinese characters is installed for all users or for this one."""
    folders = [*map(Path, FONT_FOLDERS), Path.home() / ".fonts", Path.home() / ".local/share/fonts"]
    names = (file.name.lower() for folder in folders for file in folder.rglob("*.*"))
    return any(word in name for name in names for word in FONT_WORDS)


def missing_packages() -> list[str]:
    """Return the Debian names of what is not there."""
    missing = [] if find_browser() else ["chromium"]
    missing += [] if has_chinese_font() else ["fonts-noto-cjk"]
    return [*missing, *missing_text_libraries()]


def missing_text_libraries() -> list[str]:
    """Return the Debian names of the libraries that set the text of a PDF and are not there."""
    return [
        package for name, package in TEXT_LIBRARIES.items() if not ctypes.util.find_library(name)
    ]


def install(packages: list[str]) -> None:
    """Install Debian packages; the caller looks afterwards whether they are there."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "-qq", *command], env=environment, check=False)


def main() -> None:
    """Install what is missing where that is possible, and say what remains to be done."""
    missing = missing_packages()
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if missing and is_root and shutil.which("apt-get"):
        print(f"system packages: installing {', '.join(missing)}")
        install(missing)
        missing = missing_packages()
    print(f"browser: {find_browser() or 'none'}")
    if missing:
        print(
            f"Not found: {', '.join(missing)} (Debian's names). Results do not need them, but a "
            "report is not printed as PDF without Pango, and the tests that look at a page or a "
            "PDF are skipped until they are installed."
        )


if __name__ == "__main__":
    main()
