"""Wheels in a folder: which projects they are, and what for a machine is still lacking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from email.parser import Parser
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from freehold.errors import FormatError
from freehold.share.runtime.markers import holds, plain_name, split_requirement
from freehold.share.runtime.targets import Target


def project_of(wheel: Path) -> str:
    """The project's name as indexes compare it, from the file's name."""
    return plain_name(wheel.name.split("-")[0])


def lacking(wheels: Iterable[Path], target: Target) -> tuple[str, ...]:
    """Requirements of these wheels that hold on that machine and that no wheel here is for."""
    wheels = list(wheels)
    have = {project_of(wheel) for wheel in wheels}
    wanted: dict[str, str] = {}
    for wheel in wheels:
        for text in _requirements(wheel):
            name, requirement, marker = split_requirement(text)
            if name not in have and holds(marker, target.environment):
                wanted.setdefault(name, requirement)
    return tuple(wanted.values())


def _requirements(wheel: Path) -> Iterator[str]:
    try:
        with ZipFile(wheel) as archive:
            name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
            metadata = archive.read(name).decode("utf-8")
    except (BadZipFile, StopIteration, UnicodeDecodeError) as error:
        raise FormatError(f"{wheel.name} is no wheel.", "Fetch it again.") from error
    headers = Parser().parsestr(metadata, headersonly=True)
    yield from headers.get_all("Requires-Dist", [])
