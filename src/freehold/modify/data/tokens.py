"""Cut samples into tokens as the model will see them, and mark which of these are to be learned.

A conversation is written by the model's own chat template; its answers are learned with the mark
that ends them, and nothing else is. A plain text is learned whole, in pieces of the length allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from freehold.engine.interface import Message
from freehold.errors import ContextExceeded
from freehold.formats.vocabulary import Vocabulary
from freehold.modify.data.sample import Sample, Turn
from freehold.modify.training.network import Example


class Cutter(Protocol):
    """What cuts text: a `Subject`."""

    @property
    def template(self) -> str | None:
        """The chat template, if there is one."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Its tokens."""

    def tokenize(self, text: str, *, begin: bool = True, special: bool = False) -> list[int]:
        """The ids of a text."""

    def render(self, messages: Sequence[Message]) -> str:
        """A conversation up to where the answer begins."""


@dataclass(frozen=True)
class Cut:
    """Examples, and how many samples were left out for their length."""

    examples: tuple[Example, ...]
    too_long: int


def cut(samples: Sequence[Sample], cutter: Cutter, most: int, *, skip_long: bool = False) -> Cut:
    """The examples of some samples, each of at most `most` tokens.

    Raises ContextExceeded with the line of a conversation that is longer, unless `skip_long`.
    """
    examples: list[Example] = []
    too_long = 0
    for sample in samples:
        for example in _examples(sample, cutter, most):
            if len(example.ids) <= most:
                examples.append(example)
            elif skip_long:
                too_long += 1
            else:
                raise ContextExceeded(
                    f"{sample.where} comes to {len(example.ids):,} tokens; {most:,} are allowed.",
                    "Raise --max-length, shorten it, or leave such out with --skip-long.",
                )
    return Cut(tuple(examples), too_long)


def _examples(sample: Sample, cutter: Cutter, most: int) -> Iterator[Example]:
    if not sample.turns:
        yield from _pieces(cutter.tokenize(sample.text), most)
    elif cutter.template is None:
        yield _plain(sample.turns, cutter)
    else:
        yield from _conversation(sample.turns, cutter)


def _pieces(ids: list[int], most: int) -> Iterator[Example]:
    for start in range(0, len(ids), most):
        piece = ids[start : start + most]
        if len(piece) > 1:
            yield Example(tuple(piece), (False, *[True] * (len(piece) - 1)))


def _plain(turns: tuple[Turn, ...], cutter: Cutter) -> Example:
    """For a model without a template: questions and answers on lines of their own."""
    ids: list[int] = []
    learned: list[bool] = []
    for at, turn in enumerate(turns):
        line = cutter.tokenize(turn.content.strip() + "\n", begin=not at)
        _append(ids, learned, line, learn=turn.role == "assistant")
    _append(ids, learned, _end(cutter), learn=turns[-1].role == "assistant")
    return Example(tuple(ids), tuple(learned))


def _conversation(turns: tuple[Turn, ...], cutter: Cutter) -> Iterator[Example]:
    """One example with all answers in it, where the template writes earlier turns as they were
    said; otherwise (some leave out earlier thoughts) one for each answer.
    """
    ids: list[int] = []
    learned: list[bool] = []
    written = ""
    for at, turn in enumerate(turns):
        if turn.role != "assistant":
            continue
        before = cutter.render([Message(each.role, each.content) for each in turns[:at]])
        if ids and not before.startswith(written):
            yield Example(tuple(ids), tuple(learned))
            ids, learned, written = [], [], ""
        begin = not ids and not _begins(before, cutter)
        asked = cutter.tokenize(before[len(written) :], begin=begin, special=True)
        answered = cutter.tokenize(turn.content, begin=False)
        _append(ids, learned, asked, learn=False)
        _append(ids, learned, (*answered, *_end(cutter)), learn=True)
        written = before + turn.content + _end_text(cutter)
    if ids:
        yield Example(tuple(ids), tuple(learned))


def _append(ids: list[int], learned: list[bool], more: Sequence[int], *, learn: bool) -> None:
    ids.extend(more)
    learned.extend([learn] * len(more))


def _end(cutter: Cutter) -> tuple[int, ...]:
    end = cutter.vocabulary.end_of_answer
    return () if end is None else (end,)


def _end_text(cutter: Cutter) -> str:
    return b"".join(map(cutter.vocabulary.piece, _end(cutter))).decode("utf-8", "replace")


def _begins(text: str, cutter: Cutter) -> bool:
    """Whether a template has written the mark that begins a text already."""
    begin = cutter.vocabulary.begin
    return begin is not None and text.encode().startswith(cutter.vocabulary.piece(begin))
