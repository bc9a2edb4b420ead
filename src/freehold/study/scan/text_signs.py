"""Signs in any text: addresses, paths that name a person, keys, code, what cannot be seen.

Found by their shape alone. What a key opens, or whether it still does, is not known here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

URL = re.compile(r"\b(?:https?|ftp|wss?|file)://[^\s'\"<>)\]}]{3,300}", re.IGNORECASE)
LOCAL_PATH = re.compile(
    r"(?<![\w.:/])(?:/(?:home|Users)/(?P<unix>[^/\s'\"]{1,64})/"
    r"|/(?:root|mnt|workspace|tmp|data\d?|scratch|nfs|media)/"
    r"|[A-Za-z]:[\\/](?:Users[\\/](?P<windows>[^\\/\s'\"]{1,64})[\\/])?)[^\s'\"]{0,200}"
)
SECRETS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "a Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}\b"),
        "an API key": re.compile(r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,256}\b"),
        "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,})\b"),
        "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
        "a Google API key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"),
        "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}\b"),
        "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
        "a login token (JWT)": re.compile(r"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{10,}"),
        "a password in an address": re.compile(r"://[^/\s:@]{1,64}:[^/\s:@]{3,64}@"),
    }
)
CODE: Mapping[str, bytes] = MappingProxyType(
    {
        "a Linux program (ELF)": b"\x7fELF",
        "a Windows program": b"MZ\x90\0",
        "a macOS program": b"\xcf\xfa\xed\xfe",
        "a script": b"#!/",
        "a zip": b"PK\x03\x04",
        "a gzip": b"\x1f\x8b\x08",
        "a pickle": b"\x80\x04\x95",
        "an older pickle": b"\x80\x02",
        "another GGUF": b"GGUF",
        "WebAssembly": b"\0asm",
    }
)
BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{256,}={0,2}(?![A-Za-z0-9+/=])")
_LINES = {ord(mark): None for mark in "\n\t\r"}
_TAGS = range(0xE0000, 0xE0080)
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d\ufe0f\ufe0e")
"""Zero-width, but part of how some scripts and emoji are written."""


@dataclass(frozen=True)
class Unseen:
    """Characters of a text that cannot be seen."""

    kind: str
    count: int
    at: int
    """Where the first one is, in characters."""
    hides: str = ""
    """The text that they spell, where they do."""


def kinds_of_code(data: bytes) -> Iterator[str]:
    """What a blob looks like by its first bytes, if it looks like anything that runs."""
    yield from (name for name, magic in CODE.items() if data.startswith(magic))


def secrets(text: str) -> Iterator[tuple[str, str, int]]:
    """(what it is, its first characters, where) of everything that looks like a key."""
    for kind, shape in SECRETS.items():
        for found in shape.finditer(text):
            yield kind, found[0][:6] + "…", found.start()


def unseen(text: str) -> Iterator[Unseen]:
    """Characters that are there and cannot be seen, by kind."""
    if text.translate(_LINES).isprintable():
        return
    tags = [(at, ch) for at, ch in enumerate(text) if ord(ch) in _TAGS]
    if tags:
        hidden = "".join(chr(ord(ch) - _TAGS.start) for _, ch in tags)
        shown = "".join(ch for ch in hidden if ch.isprintable())
        yield Unseen("characters for invisible text (Unicode tags)", len(tags), tags[0][0], shown)
    for kind, test in (
        ("marks that turn the direction of writing", _turns),
        ("characters without width", _has_no_width),
        ("control characters", _controls),
    ):
        places = [at for at, ch in enumerate(text) if test(ch)]
        if places:
            yield Unseen(kind, len(places), places[0])


def _turns(character: str) -> bool:
    return character in _BIDI


def _has_no_width(character: str) -> bool:
    if character in _BIDI or character in _JOINERS or ord(character) in _TAGS:
        return False
    return unicodedata.category(character) == "Cf"


def _controls(character: str) -> bool:
    return unicodedata.category(character) == "Cc" and character not in "\n\t\r"
