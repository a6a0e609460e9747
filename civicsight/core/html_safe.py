"""One escape for every text of a data set that must pass through HTML or a script as a string."""

from __future__ import annotations

from html import escape

from civicsight.core.shown import shown

_LITERALS = str.maketrans({"`": "&#96;", "$": "&#36;", "\\": "&#92;", "{": "&#123;"})


def safe(text: object) -> str:
    """Escape a text so that no browser takes any of it for markup or code.

    Beyond HTML's own characters this disarms template literals: folium writes strings between
    backticks, where ``${...}`` runs. What a browser lays out from right to left is shown by number.

    Examples
    --------
    >>> safe("<b>`${x}`</b>")
    '&lt;b&gt;&#96;&#36;&#123;x}&#96;&lt;/b&gt;'
    """
    return escape(shown(str(text)), quote=True).translate(_LITERALS)
