"""How a model is to be loaded: everything that can be chosen, checked before anything starts.

The defaults are those of an engine that nobody has tuned.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from freehold.errors import UsageError

Purpose = Literal["answer", "embed", "rerank"]
Pooling = Literal["mean", "cls", "last"]

_LONGEST_GUESS = 1024

CACHE_TYPES = ("F32", "F16", "BF16", "Q8_0", "Q5_1", "Q5_0", "IQ4_NL", "Q4_1", "Q4_0")
"""What a cache of keys or values can be kept as, the largest first; from Q8_0 on, quantized."""


class SpeculationKind(StrEnum):
    """Where guesses come from: runs of tokens that were in the context before."""

    SIMPLE = "simple"
    """What followed the last time the same tokens stood there. The only kind that remembers
    nothing from request to request, and so the only one that keeps a seed's promise."""
    MAP = "map-k"
    """The same, looked up in a table, with guesses as long as the last good one."""
    MAP_FOUR = "map-k4v"
    """A table that knows up to four continuations of the same tokens."""
    CACHE = "cache"
    """Counts of what followed one to four tokens. Its sizes are fixed."""


@dataclass(frozen=True)
class Speculation:
    """Guess several tokens ahead without a second model, and check the guesses in one go.

    Right guesses save time where an answer repeats its context (code, quotes, lists); wrong ones
    cost some. Only what the model itself would say is kept: at temperature 0 the answer is the
    same, but for the last digits of numbers computed in another order. None leaves a size to the
    engine.
    """

    kind: SpeculationKind
    match: int | None = None
    """Tokens that must be the same before a guess is made."""
    longest: int | None = None
    """Most tokens to guess."""
    hits: int | None = None
    """`map-k4v`: how often a match must have been seen."""

    def __post_init__(self) -> None:
        _at_least_one(self, *_SIZES)
        for name in _SIZES:
            value = getattr(self, name)
            if value is not None and name not in _SIZES_OF.get(self.kind, ("match", "longest")):
                raise UsageError(f"Speculation of the kind {self.kind} has no {name!r} to set.")
            if value is not None and value > _LONGEST_GUESS:
                raise UsageError(f"{name} of speculation is {_LONGEST_GUESS} at most, not {value}.")
        match, longest = self.match or 12, self.longest or 48
        if self.kind is SpeculationKind.SIMPLE and longest < match:
            raise UsageError(
                "Simple speculation never guesses fewer tokens than it has matched: "
                f"{longest} is less than {match}."
            )


_SIZES = ("match", "longest", "hits")
_SIZES_OF: dict[SpeculationKind, tuple[str, ...]] = {
    SpeculationKind.MAP_FOUR: ("match", "longest", "hits"),
    SpeculationKind.CACHE: (),
}
"""What can be set of the kinds that differ from the others."""


@dataclass(frozen=True)
class Addition:
    """A file beside the weights that changes what the model says, and how strongly."""

    path: Path
    scale: float = 1.0


@dataclass(frozen=True)
class LoadPlan:
    """How one model is to be loaded. None leaves the choice to the engine."""

    weights: Path
    """Its file; of a split model the first part."""
    context: int
    """Tokens that one request, prompt and answer together, may hold."""
    threads: int | None = None
    """Threads while answering."""
    batch_threads: int | None = None
    """Threads while reading a prompt; `threads` when None."""
    chat_template: str | None = None
    """A Jinja template to use in place of the one in the file."""
    warm_up: bool = False
    """Run once before the first request: a slower start and a slightly faster first answer."""
    parallel: int = 1
    """Requests that can be answered at the same time, each with `context` tokens of its own."""
    memory_map: bool = True
    """Read the weights through the page cache, rather than copy them into memory."""
    batch: int = 256
    """Prompt tokens read in one go, and so how soon a cancelled request is noticed."""
    micro_batch: int | None = None
    """Prompt tokens computed in one go, at most `batch`; None: as many, up to 512."""
    flash_attention: bool | None = None
    """Attention in one pass, without its large table in between; None: where it can be had."""
    key_type: str = "F16"
    """Block type of the key cache: one of `CACHE_TYPES`."""
    value_type: str = "F16"
    """Block type of the value cache. Those of 8 bits and fewer need flash attention."""
    speculation: Speculation | None = None
    """Guess ahead from words that were there before; None: make each token by itself."""
    repack: bool = True
    """Rearrange weights for this processor while loading, for the types that allow it."""
    purpose: Purpose = "answer"
    """What it will be asked for. A model that makes vectors or scores does nothing else."""
    pooling: Pooling | None = None
    """How the vectors of tokens become one; None: as the file says."""
    projector: Path | None = None
    """The file with which a model sees pictures."""
    states: Path | None = None
    """A folder where the state of a place can be kept, and recalled from; None: nowhere."""
    adapters: tuple[Addition, ...] = ()
    """Low-rank adapters, stacked. A request may scale each of them anew."""
    vectors: tuple[Addition, ...] = ()
    """Control vectors, added up. They hold for every request."""
    further: tuple[Path, ...] = ()
    """The further parts of a split model, in order, whatever they are called."""

    def __post_init__(self) -> None:
        _at_least_one(self, "context", "threads", "batch_threads", "parallel")
        _at_least_one(self, "batch", "micro_batch")
        if self.micro_batch is not None and self.micro_batch > self.batch:
            raise UsageError(
                f"A micro batch of {self.micro_batch} is more than the batch of {self.batch}.",
                "Make the batch as large, or the micro batch smaller.",
            )
        for name in ("key", "value"):
            kind = getattr(self, f"{name}_type")
            if kind not in CACHE_TYPES:
                raise UsageError(
                    f"The {name} cache cannot be of type {kind}.",
                    f"The types are {', '.join(CACHE_TYPES)}.",
                )
        if self.flash_attention is False and self.value_type in CACHE_TYPES[3:]:
            raise UsageError(
                f"A value cache of type {self.value_type} needs flash attention.",
                "Leave flash attention on, or keep the values as F16.",
            )


def _at_least_one(thing: object, *names: str) -> None:
    for name in names:
        value = getattr(thing, name)
        if value is not None and value < 1:
            raise UsageError(f"{name.replace('_', ' ')} must be 1 or more, not {value}.")
