"""The data sets: what a file is, told by what is in it."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from freehold.civic.places.zip_areas import is_plain_list, is_relation
from freehold.errors import FormatError


class Kind(StrEnum):
    """The kinds of public data that an index is made of."""

    CONGRESS = "congress"
    CONGRESS_OFFICES = "congress-offices"
    COMMITTEES = "committees"
    COMMITTEE_MEMBERS = "committee-members"
    STATE_LEGISLATORS = "state-legislators"
    ZIP_AREAS = "zip-areas"
    BOUNDARIES = "boundaries"


@dataclass(frozen=True)
class DataSet:
    """One file of public data, and where it is from."""

    kind: Kind
    path: Path
    title: str
    as_of: date
    sha256: str
    """64 hexadecimal digits."""
    address: str = ""
    licence: str = ""

    @property
    def size(self) -> int:
        """In bytes."""
        return self.path.stat().st_size


_HEAD = 1 << 16


def recognise(path: Path) -> Kind | None:
    """What kind of data a file is; None for any other file. Raises FormatError on broken ones."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(path)
    text = head.decode("utf-8-sig", errors="replace")
    line = text.partition("\n")[0]
    if is_relation(line) or is_plain_list(line):
        return Kind.ZIP_AREAS
    if text.lstrip()[:1] in {"[", "{"}:
        return _document(path)
    return None


def _archive(path: Path) -> Kind | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise FormatError(
            f"{path.name} is no whole archive: {error}.",
            "It may have been fetched only in part: fetch it again.",
        ) from error
    if any(name.endswith(".shp") for name in names):
        return Kind.BOUNDARIES
    if any("/legislature/" in name for name in names):
        return Kind.STATE_LEGISLATORS
    return None


def _document(path: Path) -> Kind | None:
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError, OSError) as error:
        raise FormatError(
            f"{path.name} is no whole JSON: {str(error)[:80]}.",
            "It may have been fetched only in part: fetch it again.",
        ) from error
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict):
        return None
    if isinstance(document, list):
        for field, kind in _FIELDS:
            if field in first:
                return kind
        return None
    match next(iter(document.values()), None):
        case [{"bioguide": _}, *_]:
            return Kind.COMMITTEE_MEMBERS
    return None


_FIELDS = (
    ("terms", Kind.CONGRESS),
    ("offices", Kind.CONGRESS_OFFICES),
    ("thomas_id", Kind.COMMITTEES),
)
