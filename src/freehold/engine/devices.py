"""What an engine sees of this machine: its devices, and the instruction sets it was built to use.

The engine is asked in a process of its own, since a graphics driver is loaded on the way. It takes
about a fifth of a second, more where a GPU wakes up.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from freehold.engine.guest import environment
from freehold.engine.worker_process import packages
from freehold.errors import EngineError

_SCRIPT = Path(__file__).with_name("look.py")
_PATIENCE_SECONDS = 30
_BACKENDS = {"MTL": "Metal"}
_LISTED = re.compile(
    r"\s*(?P<name>\w+): (?P<words>.*) \((?P<total>\d+) MiB, (?P<free>\d+) MiB free\)\s*"
)


class DeviceType(StrEnum):
    """The engine's sorts of devices."""

    PROCESSOR = "cpu"
    GPU = "gpu"
    INTEGRATED_GPU = "igpu"
    SOME_GPU = "some gpu"
    """Integrated or not: not every program says."""
    ACCELERATOR = "accel"
    """A library that computes on the processor, such as BLAS."""
    OTHER = "other"


@dataclass(frozen=True)
class EngineDevice:
    """Something that the engine can compute on."""

    name: str
    description: str
    type: DeviceType
    backend: str
    """CPU, CUDA, Metal, Vulkan, …"""
    memory_total: int | None
    """Bytes; None where the driver does not say."""
    memory_free: int | None


@dataclass(frozen=True)
class EngineView:
    """The engine's word on the machine and on itself."""

    version: str
    devices: tuple[EngineDevice, ...]
    features: tuple[str, ...]
    """What its processor part was built to use, in ggml's words: AVX2, FMA, OPENMP, REPACK."""


def engine_view(folder: Path | None = None) -> EngineView:
    """Ask the installed engine, or one whose binding is in `folder`. Raises EngineError."""
    said = _ask([sys.executable, "-I", "-S", str(_SCRIPT), str(folder or packages())])
    if not said.endswith(b"\n"):
        raise EngineError("The engine broke off before it could say what it sees.")
    return read_view(said)


def listed_devices(program: Path) -> tuple[EngineDevice, ...]:
    """What a llama-server can compute on beside the processor. Raises EngineError."""
    lines = _ask([str(program), "--list-devices"]).decode("utf-8", errors="replace").splitlines()
    return tuple(
        EngineDevice(
            name=found["name"],
            description=found["words"],
            type=DeviceType.SOME_GPU,
            backend=_backend(found["name"]),
            memory_total=int(found["total"]) << 20,
            memory_free=int(found["free"]) << 20,
        )
        for line in lines
        if (found := _LISTED.fullmatch(line))
    )


def _ask(command: list[str]) -> bytes:
    """What a program prints when it is asked. Raises EngineError."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(),
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except OSError as error:
        raise EngineError(f"The engine's process cannot be started: {error.strerror}.") from error
    except subprocess.TimeoutExpired as error:
        raise EngineError(
            f"The engine did not say within {_PATIENCE_SECONDS} s what it sees; a driver may hang."
        ) from error
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "it left no word")
        raise EngineError(f"The engine could not say what it sees: {last}.")
    return done.stdout


def read_view(line: bytes) -> EngineView:
    """Understand what `look.py` wrote."""
    said = json.loads(line)
    return EngineView(
        version=said["version"],
        devices=tuple(_device(each) for each in said["devices"]),
        features=cpu_features(said["system"]),
    )


def cpu_features(system_info: str) -> tuple[str, ...]:
    """Names with a value other than 0 in the part of llama.cpp's line that is about the processor.

    The line is `CUDA : ARCHS = 890 | CPU : SSE3 = 1 | AVX2 = 1 | `; a part begins with its name.
    """
    found, part = [], ""
    for word in system_info.split("|"):
        head, colon, rest = word.partition(" : ")
        part = head if colon else part
        name, _, value = (each.strip() for each in (rest if colon else word).partition("="))
        if part.strip() == "CPU" and name and value not in {"", "0"}:
            found.append(name)
    return tuple(found)


def _device(said: dict[str, str | int]) -> EngineDevice:
    name = str(said["name"])
    return EngineDevice(
        name=name,
        description=str(said["description"]),
        type=DeviceType(said["type"]) if said["type"] in set(DeviceType) else DeviceType.OTHER,
        backend=_backend(name),
        memory_total=int(said["memory_total"]) or None,
        memory_free=int(said["memory_free"]) if said["memory_total"] else None,
    )


def _backend(name: str) -> str:
    word = re.sub(r"\d+$", "", name)
    return _BACKENDS.get(word, word)
