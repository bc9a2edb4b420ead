"""A folder or a stick with models and everything to install Freehold with no network.

Wheels come from the package index that pip is set up for on this machine; this fetches. What is
written appears under its names when all of it is there, the page that says so last.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.export import export_from
from freehold.errors import NotEnoughSpace, NotFound, UsageError
from freehold.progress import SILENT, Progress
from freehold.share.runtime.own_wheel import requirements, write_own_wheel
from freehold.share.runtime.page import SCRIPT, START, SUMS, start_page, start_script, sums
from freehold.share.runtime.targets import Target, expected_bytes
from freehold.share.runtime.wheels import lacking
from freehold.store.durable import TEMPORARY, storage_errors, write_durably
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

MODELS = "models"
WHEELS = "wheels"
_NAMES = (WHEELS, MODELS, SCRIPT, SUMS, START)
"""What appears in the folder, in this order."""
_ROUNDS = 5
"""How deep a need for one system alone may hide behind another."""


@dataclass(frozen=True)
class Stick:
    """What was written. `left_out` are kinds of machine for which the index lacks something."""

    folder: Path
    models: tuple[OwnedModel, ...]
    targets: tuple[Target, ...]
    left_out: tuple[tuple[Target, str], ...]
    wheels: int
    size: int


def expected_size(found: Sequence[tuple[Store, OwnedModel]], targets: tuple[Target, ...]) -> int:
    """About how many bytes it will take: the wheels as once measured, the models as they are."""
    return expected_bytes(targets) + sum(model.size for _, model in found)


def export_runtime(
    found: Sequence[tuple[Store, OwnedModel]],
    folder: Path,
    targets: tuple[Target, ...],
    *,
    split: int | None = None,
    with_notes: bool = True,
    progress: Progress = SILENT,
) -> Stick:
    """Fetch the wheels, write the bundle, the script and the page into `folder`.

    Raises UsageError when the folder has such a thing already, NotFound when no kind of machine
    can be served, NotEnoughSpace, StorageError, DamagedModel; then nothing is left behind.
    """
    _refuse_existing(folder)
    if find_spec("pip") is None:
        raise UsageError("pip is needed to fetch wheels.", f"{sys.executable} -m ensurepip")
    with storage_errors(f"write to {folder}"):
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        _require_space(folder, expected_size(found, targets))
        work = Path(tempfile.mkdtemp(prefix=".freehold-", suffix=TEMPORARY, dir=folder))
        try:
            served, left_out = _fetch(work / WHEELS, targets, progress)
            (work / MODELS).mkdir()
            bundle = work / MODELS / "models.tar"
            done = export_from(found, bundle, split=split, with_notes=with_notes, progress=progress)
            write_durably(work / SCRIPT, start_script())
            size = sum(path.stat().st_size for path in work.rglob("*") if path.is_file())
            write_durably(work / START, start_page(done.models, served, size))
            write_durably(work / SUMS, sums(work))
            for name in _NAMES:
                (work / name).rename(folder / name)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            if is_new:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        work.rmdir()
        count = sum(1 for _ in (folder / WHEELS).iterdir())
    return Stick(folder, done.models, served, left_out, count, size)


def _refuse_existing(folder: Path) -> None:
    with storage_errors(f"look at {folder}"):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file.", "Name a folder, or a stick.")
        there = [name for name in _NAMES if (folder / name).exists()]
    if there:
        raise UsageError(
            f"{folder} has {', '.join(there)} already, and nothing is overwritten.",
            "Name another folder, or move those away.",
        )


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise NotEnoughSpace(
            f"It takes about {human_bytes(needed)} and {folder} has {human_bytes(free)} free.",
            "Fewer kinds of machine take less: --platform this.",
        )


def _fetch(
    wheels: Path, targets: tuple[Target, ...], progress: Progress
) -> tuple[tuple[Target, ...], tuple[tuple[Target, str], ...]]:
    """Wheels for each target, in one folder. Those that cannot be served, each with the reason."""
    wheels.mkdir()
    own = write_own_wheel(wheels)
    served: list[Target] = []
    left_out: list[tuple[Target, str]] = []
    with progress.task("fetch wheels", len(targets), "kinds of machine") as task:
        for target in targets:
            # Apart from the others', so that what one lacks is seen.
            with tempfile.TemporaryDirectory(dir=wheels.parent) as apart:
                reason = _fetch_for(target, Path(apart), own)
                if reason is None:
                    served.append(target)
                    for wheel in Path(apart).iterdir():
                        wheel.replace(wheels / wheel.name)
                else:
                    left_out.append((target, reason))
            task.advance(1)
    if not served:
        raise NotFound(
            f"The wheels could not be fetched: {left_out[0][1]}",
            "Is there a network, and does `pip config list` name the right index?",
        )
    return tuple(served), tuple(left_out)


def _fetch_for(target: Target, folder: Path, own: Path) -> str | None:
    """All that one kind of machine needs, into a folder. Why not, if not."""
    wanted: tuple[str, ...] = ("pip", *requirements())
    for _ in range(_ROUNDS):
        if reason := _download(wanted, target, folder):
            return reason
        wanted = lacking([own, *folder.glob("*.whl")], target)
        if not wanted:
            return None
    return f"it lacks {', '.join(wanted)}."


def _download(wanted: Sequence[str], target: Target, folder: Path) -> str | None:
    """Have pip fetch them. Why it could not, in its words."""
    words = ["download", "--quiet", "--dest", str(folder), "--only-binary", ":all:"]
    words += ["--python-version", target.python, "--implementation", "cp"]
    for tag in target.machine.tags:
        words += ["--platform", tag]
    own = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pip", *words, *wanted],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **own},
        check=False,
    )
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
    said = (lines or done.stderr.splitlines() or ["pip gave no reason"])[-1]
    return said.removeprefix("ERROR: ").strip()[:300]
