"""The report as a PDF with tags for assistive technology, page numbers and its fonts inside."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, SetupError

VARIANT: Final = "pdf/ua-1"
"""Tagged, with title and language: ISO 14289-1."""

PRINTED: Final = 4
"""Flag of an annotation that paper gets as the screen does."""

FROM_PAGE: Final = ("data:",)
"""What a page may hold of itself; everything else is refused, on disk as on the network."""


def write_pdf(path: Path, html: str) -> None:
    """Print a page as a tagged PDF.

    Parameters
    ----------
    path
        The ``.pdf`` file.
    html
        A page that holds everything it needs.

    Raises
    ------
    SetupError
        If the system has no Pango, which sets the text.

    References
    ----------
    ISO 14289-1, PDF/UA-1.
    """
    library = load_printer()
    document = library.HTML(
        string=html, url_fetcher=refuse_all_but_own(library), media_type="print"
    )
    with written_whole(path) as scratch:
        document.write_pdf(scratch, pdf_variant=VARIANT, finisher=complete_structure)


def complete_structure(_: object, pdf: Any) -> None:
    """Add what the printer leaves out: whether a header heads a column or a row; links that print.

    References
    ----------
    ISO 14289-1, 7.5 and 7.18.1.
    """
    elements = {entry.number: entry for entry in pdf.objects if hasattr(entry, "values")}
    for entry in elements.values():
        if entry.get("S") == "/TH":
            row = elements[_number_of(entry["P"])]
            group = elements[_number_of(row["P"])]
            entry["A"]["Scope"] = "/Column" if group.get("S") == "/THead" else "/Row"
        elif entry.get("Subtype") == "/Link":
            entry["F"] = PRINTED


def _number_of(reference: bytes) -> int:
    return int(reference.split()[0])


def load_printer() -> Any:
    """Load the library that prints; it looks for Pango when it is loaded.

    Raises
    ------
    SetupError
        If Pango is not there.
    """
    try:
        import weasyprint
    except OSError as error:
        text = N_(
            "The PDF needs Pango, which sets its text, and it was not found. Install it (Debian: "
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0), or write the "
            "report with --no-pdf; its page prints from any browser."
        )
        raise SetupError(text) from error
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)  # properties that print leaves out
    return weasyprint


def refuse_all_but_own(library: Any) -> Any:
    """Return a fetcher that serves what the page itself holds and nothing else."""

    def fetch(url: str, *args: Any, **more: Any) -> Any:
        if not url.startswith(FROM_PAGE):
            msg = f"a report asks for nothing outside itself, but for {url[:60]!r}"
            raise ValueError(msg)
        return library.default_url_fetcher(url, *args, **more)

    return fetch
