"""A model that is already on this machine: a file, part of a split one, or a folder with one."""

from __future__ import annotations

import difflib
from pathlib import Path

from freehold.errors import NotFound, SourceError
from freehold.names import ModelRef, Scheme
from freehold.sources import choice
from freehold.sources.interface import Offer, OfferedFile, Piece, Role
from freehold.transfer.interface import RemoteFile

_SUFFIXES = (".gguf", ".safetensors")


class FileSource:
    """The disks of this machine."""

    scheme = Scheme.FILE

    def resolve(self, ref: ModelRef) -> Offer:
        """Look at the path; reads no file. Raises NotFound, naming what is like it."""
        path = _expanded(ref.location)
        try:
            if path.is_dir():
                chosen = self._in_folder(path, ref.file)
            elif path.is_file():
                chosen = self._with_its_parts(path)
            else:
                raise _absent(path)
        except OSError as error:
            raise SourceError(f"{path} cannot be looked at: {error.strerror}.") from error
        return Offer(ref, None, Path(chosen.name).stem, chosen.files)

    def _in_folder(self, folder: Path, wanted: str | None) -> choice.Candidate:
        models = choice.candidates(map(_offered, _models_in(folder)))
        if wanted is None and len(models) > 1:
            names = ", ".join(model.name for model in models[:12])
            raise NotFound(
                f"{folder} holds {len(models)} models.", f"Name one of its files: {names}."
            )
        return choice.choose(models, wanted, str(folder))

    def _with_its_parts(self, path: Path) -> choice.Candidate:
        shard = choice.SHARD.fullmatch(path.name)
        if shard is None:
            return choice.Candidate(path.name, (_offered(path),))
        beside = [each for each in _models_in(path.parent) if _same_split(each.name, path.name)]
        return choice.choose(choice.candidates(map(_offered, beside)), None, str(path.parent))


def _expanded(location: str) -> Path:
    try:
        return Path(location).expanduser().absolute()
    except RuntimeError as error:  # no such user's home
        raise NotFound(f"There is no file {location}.") from error


def _models_in(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.name.lower().endswith(_SUFFIXES) and path.is_file()
    )


def _same_split(name: str, other: str) -> bool:
    one, two = choice.SHARD.fullmatch(name), choice.SHARD.fullmatch(other)
    if one is None or two is None:
        return False
    return (one["base"], one["count"]) == (two["base"], two["count"])


def _offered(path: Path) -> OfferedFile:
    size = path.stat().st_size
    remote = RemoteFile((), size, path=str(path))
    projector = "mmproj" in path.name.lower()
    role = Role.PROJECTOR if projector else Role.WEIGHTS
    return OfferedFile(path.name, role, (Piece(remote, None, size),), size)


def _absent(path: Path) -> NotFound:
    beside = [each.name for each in _models_in(path.parent)] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, beside, 3, 0.5) or beside[:3]
    hint = f"Beside it there is {', '.join(near)}." if near else None
    return NotFound(f"There is no file {path}.", hint)
