"""Finding a member by a name as people type it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence

from freehold.civic.people.member import Member
from freehold.civic.people.words import body
from freehold.errors import AmbiguousName, NotFound

_TITLES = frozenset(
    {
        *("senator", "sen", "representative", "rep", "delegate", "del", "assembly", "member"),
        *("councilmember", "resident", "commissioner", "the", "honorable", "mr", "ms", "mrs", "dr"),
    }
)


def find_member(members: Sequence[Member], text: str) -> Member:
    """The only member whose name has every word of `text`; an id does too.

    Titles count for nothing. Raises NotFound with near names, AmbiguousName with each seat.
    """
    for member in members:
        if member.id == text.strip():
            return member
    wanted = _words(text) - _TITLES
    found = [member for member in members if wanted and wanted <= _words(member.name)]
    exact = [member for member in found if _words(member.name) == wanted]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        seats = "; ".join(_seated(member) for member in found[:8])
        more = f"; and {len(found) - 8} more" if len(found) > 8 else ""
        raise AmbiguousName(f"Several members are called {text!r}.", f"{seats}{more}.")
    names = {member.name.lower(): member for member in members}
    near = difflib.get_close_matches(text.lower(), names, 3, 0.6)
    hint = "Did you mean " + " or ".join(_seated(names[name]) for name in near) + "?"
    raise NotFound(f"No member is called {text!r}.", hint if near else "freehold act reps ZIP")


def _seated(member: Member) -> str:
    district = f" {member.seat.district}" if member.seat.district else ""
    return f"{member.name} ({body(member.seat)}, {member.seat.state}{district})"


def _words(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", text.lower())
    return set(re.findall(r"[a-z'’-]+", "".join(c for c in plain if not unicodedata.combining(c))))
