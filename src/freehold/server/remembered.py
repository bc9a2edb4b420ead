"""Answers that clients may refer to by their ids: in memory only, a limited number for each key.

Nothing of them is written to a disk. What is too old or too much is forgotten, and referring to it
is an error that says so; it is all gone when the server ends.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from freehold.errors import NotFound

if TYPE_CHECKING:
    from freehold.engine.request import Message

_MOST_OF_ONE = 100
_MOST_BYTES = 64_000_000


@dataclass(frozen=True)
class Kept:
    """One answer."""

    document: dict[str, Any]
    """As it was given."""
    turns: tuple[Message, ...]
    """The conversation up to and with it."""

    @property
    def size(self) -> int:
        """About how many bytes it holds, as if it shared nothing with those before it."""
        texts = sum(len(turn.content) + len(turn.reasoning) for turn in self.turns)
        pictures = sum(len(image.data) for turn in self.turns for image in turn.images)
        calls = sum(len(call.arguments) for turn in self.turns for call in turn.tool_calls)
        return 2 * texts + pictures + calls + 1000


class Remembered:
    """What is kept, by key and by id."""

    def __init__(self) -> None:
        self._kept: dict[str, OrderedDict[str, Kept]] = {}

    def put(self, owner: str, name: str, kept: Kept) -> None:
        """Keep one, and forget the oldest that are too many."""
        mine = self._kept.setdefault(owner, OrderedDict())
        mine[name] = kept
        while len(mine) > _MOST_OF_ONE or (
            len(mine) > 1 and sum(each.size for each in mine.values()) > _MOST_BYTES
        ):
            mine.popitem(last=False)

    def get(self, owner: str, name: str) -> Kept:
        """One of this key's own. Raises NotFound."""
        mine = self._kept.get(owner)
        found = None if mine is None else mine.get(name)
        if found is None:
            raise NotFound(
                f"There is no answer {name!r} here.",
                f"The last {_MOST_OF_ONE} of each key are kept, in memory, until the server ends.",
            )
        return found

    def forget(self, owner: str, name: str) -> None:
        """Keep it no longer. Raises NotFound."""
        self.get(owner, name)
        del self._kept[owner][name]
