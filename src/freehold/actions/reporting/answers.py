"""What both answer, and how fast: asked in turn, through the engine, as a user would get it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.errors import EngineError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.bench import Spread
    from freehold.actions.reporting.pair import Pair
    from freehold.engine.interface import Engine, LoadPlan, Model
    from freehold.modify.data.sample import Sample, Turn

READ, WRITE = 256, 48
"""Tokens that are measured, or fewer where the context is small."""
LONGEST = 96
"""Tokens of a sample answer."""
_CONTEXT = 2048
_SHORT = 24
QUESTIONS = (
    "What is the capital of France?",
    "Explain in one sentence why it rains.",
    "Write a short, polite note that you will come an hour late.",
)
"""What is asked where no held-out examples are at hand."""


@dataclass(frozen=True)
class Asking:
    """What is asked of both."""

    samples: tuple[Sample, ...]
    rounds: int
    """Of measuring speeds, each with a load of its own; 1 at least."""
    threads: int | None


@dataclass(frozen=True)
class SampleAnswer:
    """One question to both."""

    asked: str
    expected: str | None
    before: str
    after: str


@dataclass(frozen=True)
class Speed:
    """One side, measured now on this machine, in tokens a second."""

    read: Spread
    write: Spread


@dataclass(frozen=True)
class Answers:
    """What came of asking both."""

    samples: tuple[SampleAnswer, ...]
    before: Speed
    after: Speed
    rounds: int
    read: int
    write: int
    """Tokens of each measurement."""


def ask_both(pair: Pair, engine: Engine, asking: Asking, progress: Progress = SILENT) -> Answers:
    """Load each side anew in each round: which comes first changes nothing. Raises EngineError."""
    from freehold.actions.bench import Spread

    context = _context(pair)
    read, write = min(READ, context // 2), min(WRITE, context // 4)
    sides = (pair.before, pair.after)
    said: list[list[str]] = [[], []]
    rates: list[list[tuple[float, float]]] = [[], []]
    with progress.task("Asking both in turn", 2 * asking.rounds, "loads") as task:
        for round_ in range(asking.rounds):
            for at, side in enumerate(sides):
                plan = side.plan(context, asking.threads)
                with engine.load(plan) as model:
                    rates[at].append(_rates(model, read, write))
                    if not round_:
                        said[at] = [_answer(model, plan, each) for each in asking.samples]
                task.advance(1)
    speeds = [
        Speed(Spread.of([r for r, _ in each]), Spread.of([w for _, w in each])) for each in rates
    ]
    answers = tuple(
        SampleAnswer(_asked(sample), _expected(sample), before, after)
        for sample, before, after in zip(asking.samples, *said, strict=True)
    )
    return Answers(answers, speeds[0], speeds[1], asking.rounds, read, write)


def chosen_samples(held_out: Sequence[Sample], count: int) -> tuple[Sample, ...]:
    """A few of the held-out examples, far from each other; without any, questions of our own."""
    from freehold.modify.data.sample import Sample, Turn

    if not held_out:
        return tuple(Sample("", (Turn("user", each),)) for each in QUESTIONS[:count])
    count = min(count, len(held_out))
    return tuple(held_out[at * len(held_out) // count] for at in range(count))


def _context(pair: Pair) -> int:
    from freehold.formats.gguf import read_header
    from freehold.formats.gguf_lookup import integer, text

    header = read_header(pair.before.weights)
    kind = text(header, "general.architecture") or ""
    return min(_CONTEXT, integer(header, f"{kind}.context_length") or _CONTEXT)


def _rates(model: Model, read: int, write: int) -> tuple[float, float]:
    from freehold.actions.measured_texts import prose
    from freehold.actions.tune_measure import answer

    answer(model, prose(model, min(_SHORT, read)), 1)
    reading = answer(model, prose(model, read), 1).prompt_rate
    writing = answer(model, prose(model, min(_SHORT, read)), write).answer_rate
    if reading is None or writing is None:
        raise EngineError("The engine did not say how long an answer took.")
    return reading, writing


def _answer(model: Model, plan: LoadPlan, sample: Sample) -> str:
    """Greedily, so that anyone gets the same."""
    from freehold.engine.interface import ChatRequest, Delta, Message, Sampling, TextRequest

    room = min(LONGEST, plan.context // 4)
    sampling = Sampling(temperature=0.0, seed=1, max_tokens=room)
    turns = _question(sample)
    if turns and model.facts.chat_template is not None:
        messages = tuple(Message(turn.role, turn.content) for turn in turns)
        answer = model.chat(ChatRequest(messages, sampling))
    else:
        answer = model.complete(TextRequest(_asked(sample), sampling))
    return "".join(each.text for each in answer if isinstance(each, Delta)).strip()


def _question(sample: Sample) -> tuple[Turn, ...]:
    """All that comes before the last answer."""
    last = [at for at, turn in enumerate(sample.turns) if turn.role == "assistant"]
    return sample.turns[: last[-1]] if last else sample.turns


def _asked(sample: Sample) -> str:
    """What is shown as the question, and what a model without a template goes on from."""
    if sample.turns:
        return "\n".join(turn.content.strip() for turn in _question(sample))
    words = sample.text.split()
    return " ".join(words[: min(40, max(1, len(words) // 2))])


def _expected(sample: Sample) -> str | None:
    if len(_question(sample)) < len(sample.turns):
        return sample.turns[len(_question(sample))].content.strip()
    return None
