"""The order of Python package versions, as far as choosing the newest needs it (PEP 440).

https://packaging.python.org/en/latest/specifications/version-specifiers/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

_VERSION = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<phase>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<number>\d*))?"
    r"(?:-(?P<bare_post>\d+)|(?P<has_post>[-_.]?(?:post|rev|r)[-_.]?)(?P<post>\d*))?"
    r"(?P<has_dev>[-_.]?dev[-_.]?(?P<dev>\d*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
)
_PHASES = {"alpha": 0, "a": 0, "beta": 1, "b": 1, "preview": 2, "pre": 2, "c": 2, "rc": 2}
_DEVELOPMENT, _FINAL = -1, 3
_NEVER = 1 << 62


@total_ordering
@dataclass(frozen=True, eq=False)
class Version:
    """A version that can be compared. `str` gives it back as it was written."""

    text: str
    key: tuple[object, ...]
    is_prerelease: bool

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Read a version; None when it is not one."""
        found = _VERSION.fullmatch(text.strip().lower())
        if not found:
            return None
        release = [int(part) for part in found["release"].split(".")]
        while len(release) > 1 and release[-1] == 0:
            release.pop()
        has_post = found["has_post"] is not None or found["bare_post"] is not None
        post = int(found["bare_post"] or found["post"] or 0) if has_post else -1
        dev = int(found["dev"] or 0) if found["has_dev"] else _NEVER
        phase = _PHASES.get(found["phase"] or "", _FINAL)
        if phase == _FINAL and not has_post and dev != _NEVER:
            phase = _DEVELOPMENT
        number = int(found["number"] or 0)
        epoch = int(found["epoch"] or 0)
        key = (epoch, tuple(release), phase, number, post, dev, _local(found["local"]))
        early = found["phase"] is not None or found["has_dev"] is not None
        return cls(text.strip(), key, early)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: Version) -> bool:
        return self.key < other.key

    def __str__(self) -> str:
        return self.text


def _local(text: str | None) -> tuple[tuple[int, str], ...]:
    """Numbers sort above words; no local part at all sorts lowest."""
    if not text:
        return ()
    parts = re.split(r"[-_.]", text)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
