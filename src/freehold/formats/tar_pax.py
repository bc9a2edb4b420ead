"""The extended headers of pax tar archives: lines of `length key=value`.

Only those are let through that say nothing about a member but its name and its size; those about
times and owners are read and dropped. All others are refused: sparse files and links hide there.
"""

from __future__ import annotations

import re

from freehold.errors import FormatError

_WANTED = frozenset({"path", "size"})
_DROPPED = frozenset({"mtime", "atime", "ctime", "uid", "gid", "uname", "gname", "comment"})
_DROPPED_FAMILIES = ("SCHILY.", "LIBARCHIVE.", "RHT.")  # attributes, flags, finer times
_HINT = "Nothing in it was owned. Make the archive again with plain tar."


def read_records(data: bytes, label: str) -> dict[str, str]:
    """`path` and `size`, as far as they are there. Raises FormatError on all that is unknown."""
    wanted: dict[str, str] = {}
    at = 0
    while at < len(data):
        match = re.compile(rb"([1-9][0-9]{0,5}) ([^=\n]{1,100})=").match(data, at)
        end = at + int(match[1]) if match else 0
        if match is None or not match.end() < end <= len(data) or data[end - 1 : end] != b"\n":
            raise FormatError(f"{label} has an extended header that is malformed.", _HINT)
        key = match[2].decode("utf-8", "replace")
        if key in _WANTED and key not in wanted:
            try:
                wanted[key] = data[match.end() : end - 1].decode()
            except UnicodeDecodeError as error:
                raise FormatError(f"{label} holds a name that is not UTF-8.", _HINT) from error
        elif key not in _DROPPED and not key.startswith(_DROPPED_FAMILIES):
            raise FormatError(f"{label} uses the extended header {key!r}.", _HINT)
        at = end
    return wanted
