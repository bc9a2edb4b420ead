"""What a prediction looks like: memory in its parts, speed with its error band.

A guess says that it is one: every rate has a low and a high end, and says what it stands on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class RunShape:
    """How a model would be run: what memory and speed depend on beside the model."""

    context: int
    """Tokens that one request may hold."""
    parallel: int = 1
    batch: int = 256
    """Prompt tokens read in one go."""
    micro_batch: int = 256
    """Prompt tokens computed in one go, at most `batch`."""
    key_type: str = "F16"
    """Block type of the key cache."""
    value_type: str = "F16"
    flash_attention: bool = True
    repack: bool = True
    """Weights are rearranged at load for the processor; costs a second copy of some types."""
    memory_map: bool = True
    """Weights stay pages of their file; otherwise they are copied into memory."""
    instruction_sets: tuple[str, ...] | None = None
    """What the engine can use of the processor, in ggml's words; None: what its wheel is built
    with for the kind of processor here."""


@dataclass(frozen=True)
class MemoryNeed:
    """Bytes resident in the engine's process at its peak, in parts."""

    weights: int
    cache: int
    """Keys and values of the whole context."""
    compute: int
    """Scratch space of the largest step."""
    output: int
    """Logits."""
    overhead: int
    """The engine itself: code, vocabulary, rearranged copies."""
    spare: int = 0
    """Of the weights: pages of the file whose rearranged copy is used instead. They are resident
    while there is room, and the system takes them back when there is none."""
    missing: tuple[str, ...] = ()
    """What could not be known and is not counted, in words."""

    @property
    def total(self) -> int:
        """All parts."""
        return self.weights + self.cache + self.compute + self.output + self.overhead

    @property
    def least(self) -> int:
        """What has to be free for it to run as fast as it can."""
        return self.total - self.spare


class Basis(StrEnum):
    """What a rate stands on."""

    MEASURED = "measured"
    """Runs of this very model on this machine."""
    CALIBRATED = "calibrated"
    """The machine's calibration and the model's shape."""
    SPECIFIED = "specified"
    """A machine's published figures and the model's shape."""


@dataclass(frozen=True)
class Rate:
    """Tokens per second, with the band that nine of ten runs should lie in."""

    expected: float
    low: float
    high: float
    basis: Basis
    runs: int = 0
    """How many measured runs it stands on."""


@dataclass(frozen=True)
class SpeedEstimate:
    """How fast a model would be with `depth` tokens in its context already."""

    depth: int
    prefill: Rate
    """Reading a prompt."""
    decode: Rate
    """Writing an answer."""
