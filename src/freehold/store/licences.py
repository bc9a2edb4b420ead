"""What a licence means in three plain kinds: open source, open with restrictions, unknown.

A small table of well-known licences. Anything not in it is unknown, never guessed: a person can
read the text. This is a reading aid and no legal advice.
"""

from __future__ import annotations

import re

from freehold.names import Digest
from freehold.store.model import Licence, LicenceKind

# Software licences approved by the Open Source Initiative, and content licences that meet the Open
# Definition, by SPDX identifier. https://spdx.org/licenses, https://opendefinition.org/licenses
_OPEN_NAMES = """
    0BSD AFL-3.0 AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-2.0 BlueOak-1.0.0
    BSD-2-Clause BSD-3-Clause BSL-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0
    CC-BY-SA-4.0 CC0-1.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 ECL-2.0 EPL-1.0
    EPL-2.0 EUPL-1.1 EUPL-1.2 GPL-2.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0-only
    GPL-3.0-or-later ISC LGPL-2.1 LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0 LGPL-3.0-only
    LGPL-3.0-or-later MIT MIT-0 MPL-2.0 MS-PL MulanPSL-2.0 NCSA ODbL-1.0 ODC-By-1.0 OFL-1.1 OSL-3.0
    PDDL-1.0 PostgreSQL Unlicense UPL-1.0 Zlib"""
_OPEN = frozenset(_OPEN_NAMES.split())

_NO_SALE = "not for commercial use"
_NO_CHANGE = "changed versions may not be shared"
_USES = "its terms forbid certain uses, and must be passed on with the model"
_LLAMA = "its terms forbid certain uses, and very large companies need a licence of their own"

# A pattern over the name in lower case with hyphens, and what restricts. First match wins.
_RESTRICTED: tuple[tuple[str, str], ...] = (
    (r"cc-by-nc-nd-.*", f"{_NO_SALE}; {_NO_CHANGE}"),
    (r"cc-by-nc(-sa)?-.*", _NO_SALE),
    (r"cc-by-nd-.*", _NO_CHANGE),
    (r"gemma(-terms.*|-licen[cs]e.*)?", _USES),
    (r"(meta-)?llama-?\d[\w.-]*", _LLAMA),
    (r"(bigscience-|bigcode-|creativeml-)?(bloom-)?(open)?rail(\+\+)?(-[ms])?(-[\w.]+)?", _USES),
    (r"bigscience-bloom-rail-.*", _USES),
    (r"fair-noncommercial-research-license|mistral-research-license|mrl|qwen-research", _NO_SALE),
    (r"busl-1\.1", "its terms restrict use until a later date"),
    (r"sspl-1\.0", "offering it as a service brings conditions that no open licence has"),
    (r"elastic-2\.0", "it may not be offered to others as a service"),
)

# Ways in which package metadata and model cards write well-known names.
_ALIASES = {
    "apache": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "apache2": "Apache-2.0",
    "apache2.0": "Apache-2.0",
    "apache-license-2.0": "Apache-2.0",
    "apache-licence-2.0": "Apache-2.0",
    "apache-license-version-2.0": "Apache-2.0",
    "apache-software-license": "Apache-2.0",
    "mit-license": "MIT",
    "the-mit-license": "MIT",
    "bsd": "BSD-3-Clause",
    "bsd-license": "BSD-3-Clause",
    "isc-license": "ISC",
    "cc0": "CC0-1.0",
    "cc-by": "CC-BY-4.0",
    "gpl-3": "GPL-3.0",
    "mozilla-public-license-2.0": "MPL-2.0",
}
_BY_LOWER = {name.lower(): name for name in _OPEN}
_MEANING: dict[LicenceKind, str] = {
    "open source": "free to use, study, change and share",
    "open with restrictions": "the weights are open, and the terms restrict what may be done",
    "unknown": "read its text before you rely on it",
}
# How the texts of licences begin, or what only they say.
_TEXTS: tuple[tuple[str, str], ...] = (
    (r"apache license\s+version 2\.0", "Apache-2.0"),
    (r"permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"),
    (r"gemma terms of use", "Gemma Terms of Use"),
    (r"llama (\d(?:\.\d)?) community license", r"Llama \1 Community License"),
    (r"gnu affero general public license\s+version 3", "AGPL-3.0"),
    (r"gnu general public license\s+version 3", "GPL-3.0"),
    (r"mozilla public license version 2\.0", "MPL-2.0"),
)


def classify(
    spdx: str | None = None, name: str | None = None, text_digest: Digest | None = None
) -> Licence:
    """The licence as claimed by an SPDX expression or a name, sorted into one of three kinds."""
    claim = spdx or name
    known = _simple(claim) if claim else None
    expression = spdx or (known if known in _OPEN else None)
    return Licence(expression, name or spdx, _kind(claim), text_digest)


def name_in_text(text: str) -> str | None:
    """The SPDX identifier or name of a well-known licence whose text this is; None if unsure."""
    head = text[:20_000].lower()
    for pattern, name in _TEXTS:
        if match := re.search(pattern, head):
            return match.expand(name)
    return None


def in_words(claim: Licence) -> str:
    """One plain sentence part: `Apache-2.0: open source (free to use, …)`."""
    label = claim.spdx or claim.name
    if label is None:
        return f"no licence is known: {_MEANING['unknown']}"
    reason = _restriction(claim.spdx or "") or _restriction(claim.name or "")
    return f"{label}: {claim.kind} ({reason or _MEANING[claim.kind]})"


def _kind(claim: str | None) -> LicenceKind:
    """`A OR B` is as good as its better half, `A AND B` as its worse."""
    if not claim:
        return "unknown"
    order: list[LicenceKind] = ["open source", "open with restrictions", "unknown"]
    either = re.split(r"\s+OR\s+", claim.strip("() "))
    halves = [[_one(part) for part in re.split(r"\s+AND\s+", half)] for half in either]
    return min((max(half, key=order.index) for half in halves), key=order.index)


def _one(claim: str) -> LicenceKind:
    if _simple(claim) in _OPEN:
        return "open source"
    return "open with restrictions" if _restriction(claim) else "unknown"


def _restriction(claim: str) -> str | None:
    key = _key(claim)
    return next((why for pattern, why in _RESTRICTED if re.fullmatch(pattern, key)), None)


def _simple(claim: str) -> str:
    """The SPDX identifier that a name stands for, or the name itself."""
    key = _key(claim)
    return _ALIASES.get(key) or _BY_LOWER.get(key) or claim.strip()


def _key(claim: str) -> str:
    plain = claim.strip("() ").lower().split(" with ")[0]
    return re.sub(r"[\s,_/-]+", "-", plain).strip("-")
