"""Freehold itself as a wheel, made from what is installed here, with no network and no builder.

Works for an editable install too: the files are those that Python imports, and the metadata is
that of the installation. The same files give the same wheel.
"""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import freehold
from freehold.errors import UsageError

_WHEEL = "Wheel-Version: 1.0\nGenerator: freehold\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NOT_OURS = frozenset({"RECORD", "WHEEL", "INSTALLER", "REQUESTED", "direct_url.json"})


def installed() -> Distribution:
    """Freehold as it is installed here. Raises UsageError where it only lies in a folder."""
    try:
        return distribution("freehold")
    except PackageNotFoundError as error:
        raise UsageError(
            "Freehold runs from a folder here and is not installed, so that it cannot be packed.",
            "Install it first: pip install . in that folder, or python3 start.py.",
        ) from error


def requirements() -> tuple[str, ...]:
    """What Freehold needs to be installed, with nothing that is optional.

    An editable install's metadata is as old as the day it was installed: there the project file
    beside the source says it.
    """
    project = Path(freehold.__file__).parents[2] / "pyproject.toml"
    if project.is_file():
        with project.open("rb") as file:
            stated = tomllib.load(file).get("project", {})
        if stated.get("name") == "freehold":
            return tuple(stated["dependencies"])
    listed = installed().requires or []
    return tuple(text for text in listed if not _is_optional(text))


def _is_optional(requirement: str) -> bool:
    return re.search(r"\bextra\s*==", requirement) is not None


def write_own_wheel(folder: Path) -> Path:
    """Write the wheel into `folder`. Gives its path."""
    dist = installed()
    info = f"freehold-{dist.version}.dist-info"
    path = folder / f"freehold-{dist.version}-py3-none-any.whl"
    record: list[str] = []
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in (*_package(), *_about(dist, info)):
            digest = base64.urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(data)}\n")
            archive.writestr(_entry(name), data)
        record.append(f"{info}/RECORD,,\n")
        archive.writestr(_entry(f"{info}/RECORD"), "".join(record))
    return path


def _package() -> Iterator[tuple[str, bytes]]:
    """Every file of the package, by its name in the wheel."""
    root = Path(freehold.__file__).parent
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.is_file() and "__pycache__" not in inside.parts:
            yield f"freehold/{inside.as_posix()}", path.read_bytes()


def _about(dist: Distribution, info: str) -> Iterator[tuple[str, bytes]]:
    """The installation's metadata: name, needs, licence, commands."""
    own = f"{dist.metadata['Name']}-{dist.version}.dist-info/"
    for file in sorted(dist.files or [], key=str):
        name = file.as_posix()
        if name.startswith(own) and name.removeprefix(own) not in _NOT_OURS:
            data = Path(str(file.locate())).read_bytes()
            is_metadata = name == f"{own}METADATA"
            yield f"{info}/{name.removeprefix(own)}", _with_needs(data) if is_metadata else data
    yield f"{info}/WHEEL", _WHEEL.encode()


def _with_needs(metadata: bytes) -> bytes:
    """The metadata with what is needed now, and without what is optional."""
    head, gap, text = metadata.decode("utf-8").partition("\n\n")
    kept = [
        line for line in head.splitlines() if not line.startswith(("Requires-Dist:", "Provides-Ex"))
    ]
    needed = [f"Requires-Dist: {requirement}" for requirement in requirements()]
    return ("\n".join([*kept, *needed]) + gap + text).encode()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _EPOCH)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
