"""What a package or a model card says of its licence, brought into SPDX's words where that is sure.

It repeats claims; it judges none. An identifier is given only for what names one exactly.
https://spdx.org/licenses/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser

from freehold.sources.interface import LicenceClaim

_IDENTIFIERS = (
    "Apache-2.0",
    "MIT",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
    "Unlicense",
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-ND-4.0",
    "AGPL-3.0-only",
    "GPL-3.0-only",
    "LGPL-3.0-only",
    "BSL-1.0",
    "WTFPL",
    "Zlib",
    "AFL-3.0",
    "Artistic-2.0",
    "CDLA-Permissive-2.0",
    "ODC-By-1.0",
    "EUPL-1.2",
)
_BY_LOWER = {each.lower(): each for each in _IDENTIFIERS}
_OTHER_WORDS = {
    "apache 2.0": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "mit license": "MIT",
    "the mit license": "MIT",
    "isc license": "ISC",
    "the unlicense (unlicense)": "Unlicense",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "agpl-3.0": "AGPL-3.0-only",
    "gpl-3.0": "GPL-3.0-only",
    "lgpl-3.0": "LGPL-3.0-only",
}
_WITHOUT_IDENTIFIER = {
    "gemma": "Gemma Terms of Use",
    "llama2": "Llama 2 Community License",
    "llama3": "Llama 3 Community License",
    "llama3.1": "Llama 3.1 Community License",
    "llama3.2": "Llama 3.2 Community License",
    "llama3.3": "Llama 3.3 Community License",
    "llama4": "Llama 4 Community License",
    "openrail": "OpenRAIL",
    "openrail++": "OpenRAIL++",
    "creativeml-openrail-m": "CreativeML OpenRAIL-M",
    "bigscience-bloom-rail-1.0": "BigScience BLOOM RAIL 1.0",
    "bigcode-openrail-m": "BigCode OpenRAIL-M",
    "deepfloyd-if-license": "DeepFloyd IF License",
}
_KNOWN_TERMS = ("Gemma Terms of Use",)
_VAGUE = {"", "unknown", "none", "other", "dual license", "license", "see license"}


def spdx_of(name: str | None) -> str | None:
    """The SPDX identifier that a name stands for, or None."""
    low = (name or "").strip().lower()
    return _BY_LOWER.get(low) or _OTHER_WORDS.get(low)


def claim(name: str | None, text: str | None = None) -> LicenceClaim:
    """A claim from one word, such as a model card's `license`."""
    spdx = spdx_of(name)
    if spdx:
        return LicenceClaim(spdx, name, text)
    plain = (name or "").strip()
    if plain.lower() in _VAGUE:
        return LicenceClaim(None, None, text)
    return LicenceClaim(None, _WITHOUT_IDENTIFIER.get(plain.lower(), plain), text)


def claim_of_package(
    expression: str | None,
    field: str | None,
    classifiers: Iterable[str],
    texts: Mapping[str, str],
) -> LicenceClaim:
    """A claim from a Python package's metadata and the licence texts it carries.

    `expression` is License-Expression, which is SPDX by definition; `field` is the older License.
    """
    text = "\n\n".join(readable(name, body) for name, body in texts.items()) or None
    if expression:
        return LicenceClaim(expression, None, text)
    short = field if field and "\n" not in field and len(field) < 80 else None
    words = [each.rpartition("::")[2].strip() for each in classifiers if "License ::" in each]
    claims = [claim(each, text) for each in (short, *words) if each]
    for found in claims:
        if found.spdx:
            return found
    for found in claims:
        if found.name and found.name != "OSI Approved":
            return found
    for terms in _KNOWN_TERMS:
        if text and terms in text:
            return LicenceClaim(None, terms, text)
    return LicenceClaim(None, None, text)


def readable(name: str, body: str) -> str:
    """A licence's words: of a web page, what a reader would see."""
    if not name.lower().endswith((".html", ".htm")):
        return body
    page = _Words()
    page.feed(body)
    page.close()
    return re.sub(r"\s*\n\s*", "\n", "".join(page.words)).strip()


class _Words(HTMLParser):
    """Collects the text of a page."""

    _SILENT = frozenset({"script", "style", "head", "svg", "nav", "noscript"})
    _BREAKS = frozenset({"p", "div", "li", "h1", "h2", "h3", "h4", "br", "tr", "section"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Enter a part that is not read, or begin a line."""
        self._silent += tag in self._SILENT
        if tag in self._BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        if tag in self._SILENT and self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        """Words between tags."""
        if not self._silent:
            self.words.append(re.sub(r"\s+", " ", data))
