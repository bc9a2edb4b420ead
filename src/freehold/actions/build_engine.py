"""Build an engine for this machine: what it needs is known before anything starts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.engines import built_engines
from freehold.device.cores import share_of_cores
from freehold.device.memory import memory
from freehold.engine.build_needs import DISK, MEMORY_PER_JOB, PROCESSOR_SECONDS, Need, needs
from freehold.engine.source_package import (
    absent_tools,
    build_tools_of,
    installed_version,
    version_of,
)
from freehold.errors import EngineError, NotEnoughSpace, NotFound
from freehold.progress import SILENT, Progress
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.engine.built import BuiltRecord
    from freehold.settings import Settings


@dataclass(frozen=True)
class BuildPlan:
    """What a build would do, and whether it can."""

    version: str
    source: Path | None
    """None: it is fetched from the package index."""
    needs: tuple[Need, ...]
    jobs: int
    """Compilers at the same time: as many as there are cores and memory for."""
    minutes: float
    """About how long it takes, from a measured build and the number of jobs."""
    disk: int
    """Bytes that are in use while it is built."""
    free: int
    """Bytes that are free where it is built."""

    @property
    def missing(self) -> tuple[Need, ...]:
        """What stands in the way."""
        return tuple(need for need in self.needs if need.missing)


def plan_build(settings: Settings, source: Path | None = None) -> BuildPlan:
    """Look at what there is; nothing is fetched and nothing changed.

    Raises NotFound and UsageError for a source package that is none.
    """
    if source is not None and not source.is_file():
        raise NotFound(f"There is no source package at {source}.")
    version = installed_version() if source is None else version_of(source)
    found = needs(offline=source is not None)
    if source is not None:
        found = (*found, _build_tools(source))
    cores = share_of_cores(os.cpu_count()).usable or 1
    jobs = max(1, min(round(cores), memory().available // MEMORY_PER_JOB))
    return BuildPlan(
        version=version,
        source=source,
        needs=found,
        jobs=jobs,
        minutes=PROCESSOR_SECONDS / 60 / jobs,
        disk=DISK,
        free=shutil.disk_usage(_existing(settings.home)).free,
    )


def build_engine(
    settings: Settings,
    plan: BuildPlan,
    progress: Progress = SILENT,
    said: Callable[[str], None] = lambda _: None,
) -> BuiltRecord:
    """Do it. Raises EngineError or a StorageError with nothing changed but the log.

    `said` gets a line whenever the build has something to say, many times a second.
    """
    from freehold.engine.building import BuildOrder, build

    if plan.missing:
        names = ", ".join(need.name for need in plan.missing)
        ways = "; ".join(f"{need.name}: {need.how}" for need in plan.missing)
        raise EngineError(f"The engine cannot be built here: {names} missing.", f"Get {ways}.")
    if plan.free < plan.disk:
        raise NotEnoughSpace(
            f"Building takes {human_bytes(plan.disk)} and {human_bytes(plan.free)} is free.",
            "Free some space, or move the store with FREEHOLD_HOME.",
        )
    order = BuildOrder(plan.version, plan.source, plan.jobs)
    return build(built_engines(settings), order, progress, said)


def _build_tools(source: Path) -> Need:
    """Offline, pip takes the Python packages that build it from here or from beside the source."""
    required = build_tools_of(source)
    absent = absent_tools(required)
    beside = [name for name in absent if any(source.parent.glob(f"{_file_name(name)}-*"))]
    here = not absent or len(beside) == len(absent)
    words = " ".join(f"'{name}'" for name in absent)
    return Need(
        "Python's build tools",
        ", ".join(required) or "none are asked for" if here else None,
        f"pip install {words}, or put their wheels beside {source.name}",
    )


def _file_name(requirement: str) -> str:
    """The start of a wheel's name: `versioneer[toml]>=0.29` is in `versioneer-0.29-….whl`."""
    letters = [ch if ch.isalnum() else "_" if ch in "-_." else " " for ch in requirement]
    return "".join(letters).split()[0].lower()


def _existing(path: Path) -> Path:
    """The nearest folder above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())
