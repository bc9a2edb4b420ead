"""What two models answer to the same prompts, side by side.

Greedy answers: what each would most likely say. They are a look, not a measure: one token that tips
over changes all that follows. How far the two expect different things is what KL measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from freehold.progress import SILENT, Progress
from freehold.study.asking import Answered, ask_all

if TYPE_CHECKING:
    from freehold.study.subject import Subject

PROMPTS = (
    "Name three rivers in Africa.",
    "What is 17 + 26? Answer with the number alone.",
    "Explain in one sentence why the sky is blue.",
    "Write a Python function that reverses a string.",
    "Translate into French: The library opens at nine.",
    "A train leaves at 14:20 and arrives at 16:05. How long does it take?",
    "List two reasons for and two against working at night.",
    "Who are you?",
)
"""Written for this: facts, sums, code, words, a weighing and a name."""


@dataclass(frozen=True)
class Pair:
    """Two answers to one prompt."""

    first: Answered
    second: Answered

    @property
    def same(self) -> bool:
        """Whether they are the same, letter for letter."""
        return self.first.text == self.second.text

    @property
    def common(self) -> int:
        """Characters at the beginning that are the same in both."""
        pairs = zip(self.first.text, self.second.text, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


@dataclass(frozen=True)
class Behaviour:
    """All pairs, and how they were asked."""

    pairs: tuple[Pair, ...]
    chat: bool
    """In a chat; False: as text to continue, since one of them at least has no chat template."""
    tokens: int
    """The most of each answer."""

    @property
    def same(self) -> int:
        """How many are the same."""
        return sum(pair.same for pair in self.pairs)


def compare_behaviour(
    first: Subject,
    second: Subject,
    prompts: tuple[str, ...] = PROMPTS,
    tokens: int = 48,
    progress: Progress = SILENT,
) -> Behaviour:
    """Ask both, one model after the other, so that only one is in memory.

    Raises EngineError, ContextExceeded.
    """
    chat = first.template is not None and second.template is not None
    with progress.task("Asking both", 2 * len(prompts), "prompts") as task:
        answers = [ask_all(each, prompts, tokens, task, chat=chat) for each in (first, second)]
    pairs = tuple(Pair(one, other) for one, other in zip(*answers, strict=True))
    return Behaviour(pairs, chat, tokens)
