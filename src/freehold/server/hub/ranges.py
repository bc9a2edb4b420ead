"""Which part of a file a request asks for (RFC 9110, section 14).

One part at a time is given, which is what every client here asks for. A request for several, of
which there may be thousands in one header, is answered with the whole, as the RFC allows.
"""

from __future__ import annotations

import re

from freehold.transfer.ranges import Range

_ONE = re.compile(r"bytes\s*=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.IGNORECASE | re.ASCII)


class Unsatisfiable(Exception):
    """There are no such bytes in the file."""


def part_asked(header: str | None, size: int) -> Range | None:
    """Where the part begins and ends, the end not included; None: the whole is to be sent.

    Raises Unsatisfiable.
    """
    found = _ONE.fullmatch(header) if header is not None else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        begin, end = size - length, size
    else:
        begin, last = int(found[1]), int(found[2]) if found[2] else size - 1
        if found[2] and last < begin:
            return None  # no range at all, so the header does not count
        end = min(last + 1, size)
    if begin >= end:
        raise Unsatisfiable
    return begin, end
