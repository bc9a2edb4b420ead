"""What tuning found best, kept for one machine and one model: measured, never assumed.

Files are `device/tuning/MODEL-MACHINE.json` in Freehold's home, named by the first 16 hex digits of
the model's hash and by the machine's fingerprint. A file that cannot be read is set aside under
another name and said to be; it is never used, and never thrown away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.device.kept import read_kept, write_kept
from freehold.device.plain import from_plain, to_plain
from freehold.errors import FormatError, StorageError

FORMAT = "freehold-tuning"
VERSION = 1
"""Of the file. Another version is not read: tuning again takes minutes."""


@dataclass(frozen=True)
class TunedPlan:
    """Everything that tuning may choose; as it stands here, what an untuned engine uses.

    The words and their meanings are the engine's own (`LoadPlan`).
    """

    engine: str = "bundled"
    threads: int | None = None
    batch_threads: int | None = None
    batch: int = 256
    micro_batch: int | None = None
    flash_attention: bool | None = None
    key_type: str = "F16"
    value_type: str = "F16"
    speculation: str | None = None
    speculation_match: int | None = None
    speculation_longest: int | None = None
    repack: bool = True
    memory_map: bool = True


@dataclass(frozen=True)
class Gain:
    """One figure, tuned beside untuned, measured in turn."""

    figure: str
    """`start`, `read`, `write` or `repeat`: see `Timing`."""
    before: float
    """Median seconds of the task without tuning."""
    after: float
    ratio: float
    """Median of before over after, pair by pair: above 1 is faster."""
    low: float
    """Of the interval that holds the true median ratio with `Tuning.confidence`."""
    high: float


@dataclass(frozen=True)
class TriedChange:
    """One change that was measured against the best until then."""

    change: str
    """In words."""
    ratio: float
    """Median of how many times faster, over what the change touches."""
    pairs: int
    kept: bool


@dataclass(frozen=True)
class Tuning:
    """The result for one machine and one model."""

    device: str
    """`Device.fingerprint`."""
    model: str
    """The hash of its weights, in hex."""
    name: str
    """What the model was called."""
    plan: TunedPlan
    engine_version: str
    gains: tuple[Gain, ...]
    tried: tuple[TriedChange, ...]
    pairs: int
    """Of the last comparison, of the plan with the defaults."""
    confidence: float
    """Of each change that was kept: one that changes nothing would have been refused so surely."""
    when: str
    """Date and time, UTC."""
    untried: tuple[str, ...] = ()
    """What there was no time for, in words."""


@dataclass(frozen=True)
class Found:
    """What a look for a tuning gave."""

    tuning: Tuning | None = None
    trouble: str | None = None
    """What was set aside, and why, in a sentence."""


def tuning_folder(home: Path) -> Path:
    """Where tunings are kept."""
    return home / "device" / "tuning"


def tuning_path(home: Path, model: str, device: str) -> Path:
    """Where the tuning of one model on one machine is kept."""
    return tuning_folder(home) / f"{model[:16]}-{device}.json"


def has_tuning(home: Path, model: str) -> bool:
    """Whether that model was tuned on any machine: costs one look into a folder."""
    return any(tuning_folder(home).glob(f"{model[:16]}-*.json"))


def load_tuning(home: Path, model: str, device: str) -> Found:
    """What is kept for that model on that machine. A file that is no such thing is set aside."""
    found = _read(tuning_path(home, model, device))
    if found.tuning is not None and found.tuning.model != model:
        return Found()  # another model, whose hash begins alike
    return found


def every_tuning(home: Path) -> Iterator[Found]:
    """All that are kept, of any machine, by name of file."""
    for path in sorted(tuning_folder(home).glob("*.json")):
        yield _read(path)


def save_tuning(home: Path, tuning: Tuning) -> None:
    """Keep it in place of the one before. Raises StorageError."""
    document = {"format": FORMAT, "version": VERSION, **to_plain(tuning)}
    write_kept(tuning_path(home, tuning.model, tuning.device), document)


def forget_tuning(home: Path, model: str, device: str) -> bool:
    """Back to the defaults. Whether there was anything to forget. Raises StorageError."""
    path = tuning_path(home, model, device)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StorageError(f"{path} cannot be removed: {error.strerror}.") from error
    return True


def tuning_from(document: dict[str, Any], what: str) -> Tuning:
    """Read a document; `what` is what to call it. Raises FormatError."""
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        raise FormatError(f"{what} is not a tuning that this Freehold can read.")
    return from_plain(Tuning, document, what)


def _read(path: Path) -> Found:
    try:
        document = read_kept(path)
        if document is None:
            return Found()
        tuning = tuning_from(document, path.name)
    except FormatError as error:
        return Found(trouble=f"{error.message} {_set_aside(path)}")
    if f"{tuning.model[:16]}-{tuning.device}" != path.stem:
        wrong = f"{path.name} is about another model or machine than its name says."
        return Found(trouble=f"{wrong} {_set_aside(path)}")
    return Found(tuning)


def _set_aside(path: Path) -> str:
    aside = path.with_suffix(".set-aside")
    try:
        path.replace(aside)
    except OSError as error:
        return f"It could not be set aside either: {error.strerror}."
    return f"It was set aside as {aside.name}. Measure again: freehold tune"
