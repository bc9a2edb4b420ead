"""The prompt that `lens`, `attention` and `patch` look at: its options, and how it is cut."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from freehold.cli.opening import add_model_argument
from freehold.cli.study.text_argument import add_chat_option, read_input
from freehold.errors import UsageError

if TYPE_CHECKING:
    from freehold.study.subject import Subject


@dataclass(frozen=True)
class Prompt:
    """A text as the model gets it."""

    ids: tuple[int, ...]
    shown: tuple[str, ...]
    """Each token as a person can see it."""

    def document(self) -> list[dict[str, Any]]:
        """The same for programs."""
        tokens = zip(self.ids, self.shown, strict=True)
        return [{"id": each, "token": shown} for each, shown in tokens]


def add_prompt_arguments(parser: argparse.ArgumentParser) -> None:
    """MODEL, PROMPT and `--chat`, the same wherever one prompt is looked at."""
    add_model_argument(parser)
    parser.add_argument("prompt", metavar="PROMPT", help="the text; - reads standard input")
    add_chat_option(parser)


def cut(subject: Subject, text: str, *, chat: bool = False) -> Prompt:
    """A text as tokens. Raises UsageError for an empty one, ContextExceeded for a long one."""
    if text == "-":
        text = read_input()
    if chat:
        text = subject.question(text)
    ids = subject.tokenize(text, special=chat)
    if not ids:
        raise UsageError("The prompt is empty.", "Give a text to look at.")
    subject.check_length(ids)
    subject.rest()
    return Prompt(tuple(ids), tuple(map(subject.show, ids)))


def numbers(
    words: str | None, option: str, names: Mapping[str, int] = MappingProxyType({})
) -> tuple[int, ...] | None:
    """`0,10-20` as whole numbers, a few of which have `names`; None where nothing was said."""
    if words is None:
        return None
    found: list[int] = []
    for part in words.replace(" ", "").split(","):
        low, _, high = part.partition("-")
        if part in names:
            found.append(names[part])
        elif low.isdecimal() and (high or low).isdecimal():
            found += range(int(low), int(high or low) + 1)
        else:
            raise UsageError(f"{option} takes numbers such as 0,10-20, not {words!r}.")
    return tuple(found)
