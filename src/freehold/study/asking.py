"""Ask a model one thing at a time, always for its likeliest answer.

At temperature 0 the same file, engine and machine give the same answer; two engines may part after
some tokens where two were nearly as likely. A model with a chat template is asked in a chat, one
without continues the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.engine.interface import (
    ChatRequest,
    Delta,
    Finished,
    Message,
    Sampling,
    TextRequest,
)

if TYPE_CHECKING:
    from freehold.engine.interface import Model
    from freehold.progress import Task
    from freehold.study.subject import Subject


@dataclass(frozen=True)
class Answered:
    """One prompt and what the model made of it."""

    prompt: str
    text: str
    tokens: int
    ended: bool
    """Whether it came to its own end, rather than to the limit."""


def ask_all(
    subject: Subject, prompts: tuple[str, ...], tokens: int, task: Task, *, chat: bool
) -> tuple[Answered, ...]:
    """Each by itself, of an engine that is loaded for it and ended. `task` counts prompts.

    Raises ContextExceeded, EngineError.
    """
    subject.rest()
    answers: list[Answered] = []
    with subject.answering(_room_for(prompts, tokens)) as model:
        for prompt in prompts:
            answers.append(_ask(model, prompt, tokens, chat=chat))
            task.advance(1)
    return tuple(answers)


def _ask(model: Model, prompt: str, tokens: int, *, chat: bool) -> Answered:
    """The likeliest answer of at most so many tokens. Thoughts before it are left out."""
    sampling = Sampling(temperature=0.0, seed=0, max_tokens=tokens)
    if chat:
        answer = model.chat(ChatRequest((Message("user", prompt),), sampling, think=False))
    else:
        answer = model.complete(TextRequest(prompt, sampling))
    parts: list[str] = []
    count, ended = 0, False
    for piece in answer:
        if isinstance(piece, Delta) and not piece.reasoning:
            parts.append(piece.text)
        elif isinstance(piece, Finished):
            count, ended = piece.usage.answer_tokens, piece.reason == "stop"
    return Answered(prompt, "".join(parts), count, ended)


def _room_for(prompts: tuple[str, ...], tokens: int) -> int:
    """Tokens of context that are surely enough: few texts have a token for each byte."""
    longest = max((len(prompt.encode()) for prompt in prompts), default=0)
    return max(512, longest + tokens + 256)
