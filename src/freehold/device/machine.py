"""A machine in plain facts: this one as probed, one of a list, or one that a file describes.

What is not known is None and named in `Device.unknown`; no figure is made up. Sizes are bytes,
rates are bytes per second. What was measured on a machine is not here: see calibration.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from freehold.device.plain import from_plain, to_plain
from freehold.errors import FormatError
from freehold.formats.strict_json import canonical, parse_object

FORMAT = "freehold-device"
VERSION = 1
"""Of the JSON form. A reader refuses a higher one."""
_HINT = "A file that `freehold device --json` wrote is right."


class CoreKind(StrEnum):
    """Cores of one machine that differ in speed."""

    PERFORMANCE = "performance"
    MIDDLE = "middle"
    EFFICIENCY = "efficiency"


@dataclass(frozen=True)
class CoreGroup:
    """Cores of one kind."""

    kind: CoreKind
    logical: int
    physical: int | None = None
    max_mhz: int | None = None


@dataclass(frozen=True)
class Processor:
    """What computes."""

    name: str | None = None
    architecture: str | None = None
    """`x86_64`, `arm64`, … in one spelling for all systems."""
    instruction_sets: tuple[str, ...] = ()
    """Those that make a model faster, in ggml's words: AVX2, AVX512_VNNI, DOTPROD."""
    physical_cores: int | None = None
    logical_cores: int | None = None
    core_groups: tuple[CoreGroup, ...] = ()
    """The kinds of cores, fastest first; empty when all are alike or the system does not tell."""
    usable_cores: float | None = None
    """How many logical cores' time this process may really use: 1.5 under a quota of 150%."""
    limits: tuple[str, ...] = ()
    """What makes that less than all, in words."""
    cache: int | None = None
    """The largest cache that one core can reach."""
    max_mhz: int | None = None
    governor: str | None = None
    """How the system chooses the clock: performance, powersave, schedutil."""
    governor_driver: str | None = None
    """Who carries that out: with intel_pstate, powersave is the usual and no brake."""
    throttled: int | None = None
    """How often heat has slowed a core since the machine was started."""
    virtual: bool | None = None
    """Whether it is a share of a larger machine."""


@dataclass(frozen=True)
class MainMemory:
    """What weights and caches live in."""

    total: int | None = None
    """The machine's, or the container's where that is less."""
    available: int | None = None
    """Without pushing anything out."""
    swap_total: int | None = None
    swap_free: int | None = None
    limit: str | None = None
    """What makes it less than the machine's, in words."""
    unified: bool | None = None
    """Whether processor and GPU share it."""
    bandwidth: int | None = None
    """As the maker states it; what this machine reaches is measured by a calibration."""


@dataclass(frozen=True)
class Gpu:
    """What computes beside the processor."""

    name: str
    backend: str | None = None
    """The engine's word: CUDA, Metal, Vulkan."""
    integrated: bool | None = None
    memory_total: int | None = None
    memory_free: int | None = None
    bandwidth: int | None = None
    """As the maker states it."""
    usable: bool = True
    """Whether the engine as it is installed can use it."""


class DiskKind(StrEnum):
    """What a folder's bytes lie on."""

    SOLID = "ssd"
    SPINNING = "hdd"
    NETWORK = "network"
    MEMORY = "memory"


@dataclass(frozen=True)
class Disk:
    """Where the store is."""

    total: int | None = None
    free: int | None = None
    kind: DiskKind | None = None
    filesystem: str | None = None


class PowerSource(StrEnum):
    """What feeds the machine now."""

    MAINS = "mains"
    BATTERY = "battery"


@dataclass(frozen=True)
class Power:
    """Speed is less on a battery, on many machines."""

    source: PowerSource | None = None
    battery_percent: int | None = None
    charging: bool | None = None
    profile: str | None = None
    """The system's power mode: low-power, balanced, performance."""


@dataclass(frozen=True)
class EngineBuild:
    """The engine that is installed."""

    name: str
    version: str | None = None
    instruction_sets: tuple[str, ...] = ()
    """Those it was built to use, in the same words as the processor's."""


@dataclass(frozen=True)
class Device:
    """One machine."""

    processor: Processor = Processor()
    memory: MainMemory = MainMemory()
    gpus: tuple[Gpu, ...] = ()
    disk: Disk | None = None
    power: Power | None = None
    system: str | None = None
    """`Linux`, `Darwin`, `Windows`."""
    engine: EngineBuild | None = None
    name: str | None = None
    """Of a machine in a list; None for the one that was probed."""
    sources: tuple[str, ...] = ()
    """Where the figures of a machine in a list come from."""
    unknown: tuple[str, ...] = ()
    """What could not be found out, in words."""

    @property
    def fingerprint(self) -> str:
        """The same as long as speed cannot have changed with the machine: 16 hex digits.

        It stands on processor, cores, the share of them and the memory installed, which can be
        read in a moment. What an engine makes of them is not in it: keep that beside it.
        """
        processor, total = self.processor, self.memory.total
        parts = (
            processor.name,
            processor.architecture,
            sorted(processor.instruction_sets),
            [to_plain(group) for group in processor.core_groups],
            processor.physical_cores,
            processor.logical_cores,
            processor.usable_cores,
            # To the nearest GiB: another kernel keeps a few MB more or less for itself.
            None if total is None else round(total / 2**30),
        )
        return hashlib.sha256(canonical(parts)).hexdigest()[:16]

    @property
    def idle_instruction_sets(self) -> tuple[str, ...]:
        """What the processor can and the engine, as built, does not use."""
        if self.engine is None or not self.engine.instruction_sets:
            return ()
        used = self.engine.instruction_sets
        return tuple(each for each in self.processor.instruction_sets if each not in used)

    def to_json(self) -> dict[str, Any]:
        """A document that `from_json` reads on any other machine."""
        head = {"format": FORMAT, "version": VERSION, "fingerprint": self.fingerprint}
        return {**head, **to_plain(self)}

    @classmethod
    def from_json(cls, data: bytes, what: str) -> Self:
        """Read what `to_json` wrote; `what` is what to call it. Raises FormatError."""
        document = read_document(data, what)
        try:
            return from_plain(cls, document, what)
        except FormatError as error:
            raise FormatError(error.message, _HINT) from error


def read_document(data: bytes, what: str) -> dict[str, Any]:
    """The JSON object, if it describes a machine in a form that is known. Raises FormatError."""
    try:
        document = parse_object(data, what)
    except FormatError as error:
        raise FormatError(error.message, _HINT) from error
    if document.get("format") != FORMAT:
        raise FormatError(f"{what} does not describe a machine.", _HINT)
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise FormatError(f"{what} does not say which form it has.", _HINT)
    if version > VERSION:
        raise FormatError(
            f"{what} was written by a newer Freehold (form {version}, known is {VERSION}).",
            "Update Freehold here, or write the file with the older one.",
        )
    return document
