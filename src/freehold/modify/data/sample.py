"""One thing to learn, before it is cut into tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True)
class Sample:
    """A conversation whose answers are learned, or a text that is learned whole."""

    where: str
    """File and line, for messages."""
    turns: tuple[Turn, ...] = ()
    text: str = ""

    @property
    def key(self) -> tuple[Turn, ...] | str:
        """Two samples with the same key are the same."""
        return self.turns or self.text.strip()

    @property
    def question(self) -> tuple[Turn, ...] | str:
        """What comes before the first answer: samples that share it stay on one side of a split."""
        for at, turn in enumerate(self.turns):
            if turn.role == "assistant":
                return self.turns[:at]
        return self.key
