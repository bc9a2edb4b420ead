"""Which licence a text is, said only when it is sure.

Apache-2.0 and MIT are recognised by the hash of all their words, so that an altered copy, or one
with a clause added, is not taken for them. The model makers' own terms are recognised by their
title and get a name, not an SPDX identifier. Anything else stays a text without a name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from freehold.sources.interface import LicenceClaim

LIMIT = 256 << 10
"""Longer texts are no licences, in bytes."""

_APACHE_WORDS = 1426
_APACHE = "37599287c15c2f2ec060c3c3b55bdf69e3bc7a8aeeb9cd57e18800088789538a"
_APACHE_TAIL = 260
"""The appendix on how to apply it, and a copyright line: more words than that are more terms."""
_MIT_WORDS = 163
_MIT = "0cf21bdfd1964a97a8615e128534845826afbc887edc95aa5c925cbf64386b5c"
_MIT_HEAD = 60
"""Words of a title and copyright lines."""
_SUSPICIOUS = frozenset({"commercial", "prohibited", "additional", "restricted", "clause"})
_TITLES = (
    (re.compile(r"gemma terms of use\b"), "Gemma Terms of Use"),
    (
        re.compile(r"(?:meta )?llama (\d+(?:\.\d+)?) community license agreement\b"),
        "Llama {} Community License",
    ),
)
_IDENTIFIERS = {
    each.lower(): each
    for each in (
        "Apache-2.0",
        "MIT",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "CC-BY-4.0",
        "CC-BY-SA-4.0",
        "CC-BY-NC-4.0",
        "CC-BY-NC-SA-4.0",
        "GPL-3.0-only",
    )
}
_EXPRESSION = re.compile(r"\(*{0}\)*(?: (?:AND|OR|WITH) \(*{0}\)*)*".format(r"[A-Za-z0-9][\w.+-]*"))
_LONGEST_EXPRESSION = 200


def recognise(text: str) -> LicenceClaim:
    """What one licence text is. The text itself is always part of the claim."""
    if exact := _IDENTIFIERS.get(text.strip().lower()):
        return LicenceClaim(exact, exact, text)
    words = re.findall(r"[a-z0-9]+", text.lower().replace("https://", "http://"))
    if _is_apache(words):
        return LicenceClaim("Apache-2.0", "Apache License 2.0", text)
    if _is_mit(words):
        return LicenceClaim("MIT", "MIT License", text)
    first = next((line for line in text.splitlines() if line.strip()), "")
    title = re.sub(r"[^a-z0-9.]+", " ", first.lower()).strip()
    for pattern, name in _TITLES:
        if match := pattern.match(title):
            return LicenceClaim(None, name.format(*match.groups()), text)
    return LicenceClaim(None, None, text)


def claim(texts: Sequence[str], stated: str | None = None) -> LicenceClaim:
    """What several texts, and an SPDX expression stated beside them, amount to.

    One identifier only when every text is that licence. A text with terms of its own wins over
    what is stated; where no text is recognised, what is stated holds.
    """
    found = [recognise(text) for text in texts]
    whole = "\n\n".join(texts) or None
    identifiers = {each.spdx for each in found}
    if len(identifiers) == 1 and None not in identifiers:
        return LicenceClaim(found[0].spdx, found[0].name, whole)
    own_terms = [each.name for each in found if each.name and each.spdx is None]
    if own_terms:
        return LicenceClaim(None, " and ".join(dict.fromkeys(own_terms)), whole)
    if not any(identifiers):
        return LicenceClaim(*_stated(stated), whole)
    return LicenceClaim(None, None, whole)


def _stated(expression: str | None) -> tuple[str | None, str | None]:
    text = (expression or "").strip()
    if len(text) > _LONGEST_EXPRESSION or not _EXPRESSION.fullmatch(text):
        return None, None
    return _IDENTIFIERS.get(text.lower(), text), None


def _is_apache(words: list[str]) -> bool:
    body, tail = words[:_APACHE_WORDS], words[_APACHE_WORDS:]
    return (
        _hash(body) == _APACHE and len(tail) <= _APACHE_TAIL and not _SUSPICIOUS.intersection(tail)
    )


def _is_mit(words: list[str]) -> bool:
    head, body = words[:-_MIT_WORDS], words[-_MIT_WORDS:]
    return _hash(body) == _MIT and len(head) <= _MIT_HEAD and not _SUSPICIOUS.intersection(head)


def _hash(words: list[str]) -> str:
    return hashlib.sha256(" ".join(words).encode()).hexdigest()
