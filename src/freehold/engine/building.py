"""Compile the engine for this processor, prove that it works, and only then let it count.

Everything happens in one new folder beside the engines: what is interrupted or fails is removed
with it. The package index is asked only when no source package is given.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from freehold.engine.build_needs import OBJECTS, needs
from freehold.engine.built import BUILT, BuiltEngines, BuiltRecord
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.pip_run import run_pip
from freehold.engine.self_test import prove
from freehold.engine.source_package import PACKAGE, absent_tools, build_tools_of, sha256_of
from freehold.engine.wider_shares import SHARE, unpacked, widen_shares
from freehold.errors import EngineError, StorageError
from freehold.progress import Progress, Task

CMAKE_ARGUMENTS = (
    "-DGGML_NATIVE=ON",  # this processor's instructions
    "-DLLAMA_BUILD_BORINGSSL=OFF",  # an engine needs no way out; its source would be fetched
    "-DLLAMA_LLGUIDANCE=OFF",  # it wants Rust, and its source would be fetched
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
)
_COMPILED = re.compile(r"Building C\w* object .*?([\w.+-]+)\.o(?:bj)?$")


@dataclass(frozen=True)
class BuildOrder:
    """What is to be built."""

    version: str
    source: Path | None
    """A source package on this machine; None: fetch it."""
    jobs: int
    """Compilers that may run at the same time."""


def build(
    engines: BuiltEngines, order: BuildOrder, progress: Progress, said: Callable[[str], None]
) -> BuiltRecord:
    """Compile, prove and install; `said` gets what it is busy with, many times a second.

    Raises EngineError, StoreBusy, StorageError; then nothing has changed.
    """
    with engines.locked():
        engines.clear_unnamed()
        folder = engines.new_folder()
        workshop = _Workshop(folder, engines.folder / "build.log", order, progress, said)
        try:
            record = workshop.build()
            engines.make_count(record)
        except OSError as error:
            workshop.clear()
            raise StorageError(f"The engine could not be built: {error}.") from error
        except BaseException:
            workshop.clear()
            raise
    return record


class _Workshop:
    """One build in one folder."""

    def __init__(
        self,
        folder: Path,
        log: Path,
        order: BuildOrder,
        progress: Progress,
        said: Callable[[str], None],
    ) -> None:
        self._folder, self._log, self._order = folder, log, order
        self._progress, self._said = progress, said
        self._work = folder / "work"
        self._packages = folder / "packages"

    def build(self) -> BuiltRecord:
        began = time.monotonic()
        self._work.mkdir(parents=True)
        self._log.write_text("", encoding="utf-8")
        settings = self._settings()
        source = self._order.source or self._fetch(settings)
        folder = unpacked(source, self._work / "unpacked")
        widened = widen_shares(folder)
        wheel = self._compile(source, folder, settings)
        with self._progress.task("installing and testing the engine", unit="steps") as task:
            self._pip(task, "install", "--no-deps", "--no-index", "--target",
                      str(self._packages), str(wheel), doing="Installing the engine")  # fmt: skip
            engine = LlamaCppEngine(folder=self._packages, name=BUILT)
            identity = prove(engine, self._work)
        digest = sha256_of(source)
        shutil.rmtree(self._work)
        return BuiltRecord(
            folder=self._folder.name,
            version=identity.version,
            source=source.name,
            sha256=digest,
            compiler=_compiler_version(),
            cmake_arguments=settings["CMAKE_ARGS"],
            instructions=identity.instructions,
            seconds=round(time.monotonic() - began, 1),
            size=sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file()),
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            rows_per_share=SHARE if widened else None,
        )

    def clear(self) -> None:
        """Leave nothing but the log."""
        shutil.rmtree(self._folder, ignore_errors=os.name == "nt")

    def _settings(self) -> dict[str, str]:
        own = os.environ.get("CMAKE_ARGS", "")
        temporary = self._work / "tmp"
        temporary.mkdir()
        settings = {
            "CMAKE_ARGS": " ".join((*CMAKE_ARGUMENTS, own)).strip(),
            "NPROC": str(self._order.jobs),
            "XLLAMACPP_RELEASE": "",  # it would build for any processor
            "TMPDIR": str(temporary),
            "TEMP": str(temporary),
            "TMP": str(temporary),
        }
        return settings | self._tools()

    def _tools(self) -> dict[str, str]:
        """cmake and ninja from the package index, where this machine has none."""
        wanted = [need for need in needs(self._order.source is not None) if need.from_index]
        if not wanted:
            return {}
        place = self._work / "tools"
        names = ["ninja" if "ninja" in need.name else need.name for need in wanted]
        with self._progress.task(f"fetching {' and '.join(names)}", unit="steps") as task:
            self._pip(task, "install", "--target", str(place), *names, doing="Fetching tools")
        folders = [str(place / each) for each in ("cmake/data/bin", "ninja/data/bin", "bin")]
        path = os.pathsep.join([*folders, os.environ.get("PATH", "")])
        generator = {"CMAKE_GENERATOR": "Ninja"} if "ninja" in names else {}
        return {"PATH": path, "PYTHONPATH": str(place), **generator}

    def _fetch(self, settings: dict[str, str]) -> Path:
        place = self._work / "source"
        wanted = f"{PACKAGE}=={self._order.version}"
        with self._progress.task(f"fetching the source of {wanted}", unit="steps") as task:
            self._pip(task, "download", "--no-deps", "--no-binary", PACKAGE, "--dest", str(place),
                      wanted, settings=settings, doing="Fetching the source")  # fmt: skip
        return _only(place.glob(f"{PACKAGE}-*.tar.gz"), "pip fetched no source package")

    def _compile(self, source: Path, folder: Path, settings: dict[str, str]) -> Path:
        place = self._work / "wheels"
        offline: list[str] = []
        if self._order.source is not None:
            offline = ["--no-index", "--find-links", str(source.absolute().parent)]
            if not absent_tools(build_tools_of(source)):
                offline.append("--no-build-isolation")
        with self._progress.task("compiling", OBJECTS, unit="files") as task:
            self._pip(task, "wheel", "--verbose", "--no-deps", *offline, "--wheel-dir", str(place),
                      str(folder), settings=settings, doing="Compiling the engine")  # fmt: skip
        return _only(place.glob("*.whl"), "pip made no wheel")

    def _pip(
        self, task: Task, *words: str, doing: str, settings: dict[str, str] | None = None
    ) -> None:
        def heard(line: str) -> None:
            if compiled := _COMPILED.search(line):
                task.advance(1)
                self._said(compiled[1])
            elif line:
                self._said(line)

        run_pip(words, self._log, settings or {}, heard, doing)


def _only(found: Iterator[Path], otherwise: str) -> Path:
    first = next(found, None)
    if first is None:
        raise EngineError(f"The engine could not be built: {otherwise}.")
    return first


def _compiler_version() -> str:
    compiler = os.environ.get("CXX", "").split() or ["c++"]
    try:
        said = subprocess.run(
            [*compiler, "--version"], capture_output=True, text=True, timeout=30, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"  # Windows: cmake found it by itself
    return said.splitlines()[0].strip() if said else "unknown"
