"""Scans of documents, made: small whole files of every format that an approval takes."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from zipfile import ZipFile

from PIL import Image

from civicsight.store import File


def pdf(text: str = "signed") -> bytes:
    """Return a PDF of one page with an index of its objects; the text makes it another file."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    out, places = b"%PDF-1.7\n%" + text.encode() + b"\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    index = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 4\n0000000000 65535 f \n" + index + trailer


def picture(kind: str, side: int = 120) -> bytes:
    """Return a picture as PNG, JPEG or TIFF."""
    out = BytesIO()
    Image.new("L", (side, side), 255).save(out, kind)
    return out.getvalue()


def ofd() -> bytes:
    """Return an archive that begins as a document of GB/T 33190 does."""
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("OFD.xml", "<OFD/>")
    return out.getvalue()


def bad_png() -> bytes:
    """Return a PNG of which a sum is wrong."""
    body = b"IHDR" + struct.pack(">IIBBBBB", 120, 120, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(b""))


SCAN = File("scan.pdf", pdf())
"""The scan of an approval."""
