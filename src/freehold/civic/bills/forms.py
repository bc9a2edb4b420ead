"""Which form a bill's file is of, told by its first bytes and never by its name."""

from __future__ import annotations

import re

from freehold.civic.bills.bill import SourceForm
from freehold.errors import UsageError

_PACKED = {
    b"PK\x03\x04": "a ZIP or Word file",
    b"\x1f\x8b": "a gzip file",
    b"{\\rtf": "an RTF file",
    b"\xd0\xcf\x11\xe0": "an old Word file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}
_BILL = re.compile(rb"<(?:\w+:)?(?:bill|resolution|amendment-doc|legis-body|plaw|statute)[\s>]")
_PAGE = re.compile(rb"<(?:html|head|body|pre|basefont|style|table|div|p|span|font|center)[\s>]")


def form_of(data: bytes, called: str) -> SourceForm:
    """The form of a file; raises UsageError for an empty one and for what is not text."""
    if not data.strip(b"\0 \t\r\n\f\xef\xbb\xbf\xff\xfe"):
        raise UsageError(f"{called} is empty.", "Give the text of a bill.")
    if b"%PDF-" in data[:1024]:
        return SourceForm.PDF
    head = data[: 1 << 15].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if head.startswith(b"<"):
        if _BILL.search(head):
            is_uslm = b"/uslm" in head and b"<legis-body" not in head
            return SourceForm.USLM_XML if is_uslm else SourceForm.BILL_XML
        if head.startswith(b"<?xml") and not _PAGE.search(head):
            return SourceForm.BILL_XML
        return SourceForm.HTML
    if re.search(rb"<(?:html|body|pre)\b|</p>", head[:4096]):
        return SourceForm.HTML
    _check_is_text(data[:4096], called)
    return SourceForm.TEXT


def _check_is_text(head: bytes, called: str) -> None:
    for start, what in _PACKED.items():
        if head.startswith(start):
            raise UsageError(
                f"{called} is {what}, not the text of a bill.",
                "Unpack it, or save it as plain text, HTML or PDF.",
            )
    odd = sum(1 for byte in head if byte < 32 and byte not in b"\t\n\r\f\0\x1b")
    zeros = head.count(0)
    is_wide = head[:2] in (b"\xff\xfe", b"\xfe\xff") or 0.4 < zeros / len(head) < 0.6
    if odd > 0.05 * len(head) or (zeros > 0.1 * len(head) and not is_wide):
        raise UsageError(f"{called} is not text.", "Give a bill as text, HTML, XML or PDF.")
