"""A plain folder of GGUF files: how files become models, whichever program keeps them.

Files of one folder belong together: the parts of a split model are one model, and a projector
beside a model is its eyes. Names tell this; no file is opened.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Never

from freehold.formats.split import parse_split_name
from freehold.names import Digest
from freehold.sources.elsewhere.found import FoundFile, FoundModel, Program, in_text
from freehold.sources.interface import Role

_OTHER_WEIGHTS = {
    ".safetensors": "safetensors",
    ".bin": "PyTorch files",
    ".pt": "PyTorch files",
    ".pth": "PyTorch files",
    ".onnx": "ONNX",
    ".mlmodelc": "Core ML",
    ".task": "MediaPipe tasks",
    ".litertlm": "LiteRT",
}
_HASH = re.compile(r"(?:sha256[-:])?([0-9a-f]{64})")


@dataclass(frozen=True)
class Bundle:
    """Files that make one model, the weights in order and first."""

    files: tuple[FoundFile, ...]
    obstacle: str | None = None

    @property
    def first(self) -> FoundFile:
        """The file that stands for the model."""
        return self.files[0]


def found_file(path: Path, name: str, role: Role | None = None) -> FoundFile:
    """A file by its name. Raises OSError when it, or what it links to, is not there."""
    real = path.resolve(strict=True)
    claim = _HASH.fullmatch(real.name)
    return FoundFile(
        path=real,
        name=in_text(name),
        role=role or role_by_name(name),
        size=real.stat().st_size,
        sha256=Digest(claim[1]) if claim else None,
    )


def role_by_name(name: str) -> Role:
    """Projectors have `mmproj` in their names, by llama.cpp's convention."""
    return Role.PROJECTOR if "mmproj" in name.rsplit("/", 1)[-1].lower() else Role.WEIGHTS


def is_gguf(name: str) -> bool:
    """Whether a file's name says that it is a GGUF."""
    return name.lower().endswith(".gguf")


def bundles(files: Iterable[FoundFile], *, flat: bool = False) -> Iterator[Bundle]:
    """The models among the GGUF files of one folder.

    In a `flat` folder unlike models lie side by side, so no projector is given to any of them.
    """
    files = sorted(files, key=lambda file: file.name)
    projectors = [file for file in files if file.role is Role.PROJECTOR]
    weights = [file for file in files if file.role is not Role.PROJECTOR]
    eyes = () if flat or not projectors else (_smallest_exact(projectors),)
    for bundle in _joined(weights):
        yield replace(bundle, files=bundle.files + eyes)
    if not weights or flat:
        for projector in projectors:
            yield Bundle((projector,), "it is a projector: the eyes of a model, not a model")


def other_weights(files: Iterable[FoundFile]) -> str | None:
    """What weights that are not GGUF a folder holds, as the reason not to adopt it."""
    kinds = {_OTHER_WEIGHTS.get(Path(file.name).suffix.lower()) for file in files} - {None}
    names = " and ".join(sorted(kind for kind in kinds if kind))
    return f"it holds {names} and no GGUF" if names else None


def is_other_weights(name: str) -> bool:
    """Whether a name is that of weights in another format."""
    return Path(name).suffix.lower() in _OTHER_WEIGHTS


def walk(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Every folder under `folder` with the names of its files. Raises OSError."""

    def stop(error: OSError) -> Never:
        raise error

    for place, folders, names in os.walk(folder, onerror=stop):
        folders.sort()
        yield Path(place), sorted(names)


def models_under(program: str, root: Path, *, flat: bool = False) -> Iterator[FoundModel]:
    """Every model under a folder, called by its path in it, or by its file where it lies flat."""
    for place, names in walk(root):
        inside = in_text(place.relative_to(root).as_posix())
        there = [place / name for name in names if is_gguf(name) or is_other_weights(name)]
        files = [found_file(path, path.name) for path in there if path.is_file()]
        models = [file for file in files if is_gguf(file.name)]
        for bundle in bundles(models, flat=flat):
            is_alone = inside == "." or len(models) > len(bundle.files)
            name = bundle.first.name
            title = name if inside == "." else f"{inside}/{name}" if is_alone else inside
            yield FoundModel(program, title, bundle.files, obstacle=bundle.obstacle)
        if not models and files and not flat:
            title = in_text(root.name) if inside == "." else inside
            yield FoundModel(program, title, tuple(files), obstacle=other_weights(files))


def _smallest_exact(projectors: list[FoundFile]) -> FoundFile:
    """The projector to take of several: in 16 bits where there is one."""
    return next((file for file in projectors if "f16" in file.name.lower()), projectors[0])


def _joined(weights: list[FoundFile]) -> Iterator[Bundle]:
    parts: dict[tuple[str, int], list[FoundFile]] = {}
    for file in weights:
        split = parse_split_name(file.name)
        if split is None or split.count == 1:
            yield Bundle((file,), _unfinished(file))
        else:
            parts.setdefault((split.stem, split.count), []).append(file)
    for (_, count), files in parts.items():
        missing = count - len(files)
        yield Bundle(
            tuple(files), f"{missing} of its {count} parts are missing" if missing else None
        )


def _unfinished(file: FoundFile) -> str | None:
    return "it is empty" if file.size == 0 else None


FOLDER = Program(
    "folder",
    lambda here: [],
    lambda folder: True,
    lambda folder: models_under("folder", folder),
)
