"""The list of the data sets on this machine: civic.json, beside the files.

A folder with that list in it is all that another Freehold needs: on a USB stick, on a web server or
shared by a peer, the dates, licences and hashes travel along.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from freehold.civic.index.sets import DataSet, Kind
from freehold.errors import FormatError

NAME = "civic.json"
FORMAT = 1
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_VINTAGE = re.compile(r"(?<=cd)\d{3}(?:20)?|_20\d\d(?=_)|(?<=sld[ul])20\d{4}")


@dataclass(frozen=True)
class Kept:
    """One file that is here: what it is, how old, and where it came from."""

    kind: Kind
    name: str
    title: str
    as_of: date
    """The day it was published, or got if that is earlier or all that is known."""
    fetched: date
    sha256: str
    size: int
    address: str = ""
    """Its publisher's; empty where that is not known."""
    licence: str = ""
    version: str = ""
    """What the publisher's server called this version (ETag or date), to ask only for changes."""

    @property
    def slot(self) -> str:
        """The same for any year's edition of a file: a new one takes the old one's place."""
        return slot(self.name)

    def in_folder(self, folder: Path) -> DataSet:
        """As the index is built from it."""
        return DataSet(
            self.kind,
            folder / self.name,
            self.title,
            self.as_of,
            self.sha256,
            self.address,
            self.licence,
        )


def slot(name: str) -> str:
    """A file's name without the year, or the Congress, of its edition."""
    return _VINTAGE.sub("", name)


def written(kept: Iterable[Kept]) -> bytes:
    """The list as it is kept and shared."""
    files = [asdict(each) for each in sorted(kept, key=lambda each: (each.kind, each.name))]
    document = {"format": FORMAT, "files": files}
    return json.dumps(document, indent=1, default=date.isoformat, ensure_ascii=False).encode()


def read(text: bytes, what: str) -> tuple[Kept, ...]:
    """The list again. Raises FormatError: it may be somebody else's."""
    try:
        document = json.loads(text)
        _must_be_ours(document["format"])
        return tuple(_entry(each) for each in document["files"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise FormatError(
            f"{what} is no list of public data: {type(error).__name__}, {str(error)[:80]}.",
            "It may be damaged, or another program's.",
        ) from error


def _must_be_ours(format_: object) -> None:
    if format_ != FORMAT:
        raise ValueError("it is of another version of Freehold")


def _entry(each: dict[str, Any]) -> Kept:
    if not _SAFE.fullmatch(each["name"]) or not re.fullmatch(r"[0-9a-f]{64}", each["sha256"]):
        raise ValueError(f"a strange name or hash: {each['name'][:40]!r}")
    if type(each["size"]) is not int or each["size"] < 0:
        raise ValueError("a size that is none")
    return Kept(
        Kind(each["kind"]),
        each["name"],
        str(each["title"]),
        date.fromisoformat(each["as_of"]),
        date.fromisoformat(each["fetched"]),
        each["sha256"],
        each["size"],
        str(each.get("address", "")),
        str(each.get("licence", "")),
        str(each.get("version", "")),
    )
