"""Looking through this machine for models that other programs keep. Nothing there is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from freehold.errors import NotFound
from freehold.sources.elsewhere.folder import FOLDER, bundles, found_file, is_gguf
from freehold.sources.elsewhere.found import FoundModel, Program, in_text
from freehold.sources.elsewhere.gpt4all import GPT4ALL
from freehold.sources.elsewhere.hugging_face import HUGGING_FACE
from freehold.sources.elsewhere.llama_cpp import LLAMA_CPP
from freehold.sources.elsewhere.lm_studio import LM_STUDIO
from freehold.sources.elsewhere.ollama import OLLAMA
from freehold.sources.elsewhere.ramalama import RAMALAMA
from freehold.sources.elsewhere.surroundings import Surroundings

PROGRAMS: tuple[Program, ...] = (HUGGING_FACE, LLAMA_CPP, OLLAMA, LM_STUDIO, RAMALAMA, GPT4ALL)


def find_models(here: Surroundings) -> Iterator[FoundModel]:
    """Every model in the folders of the programs known here, each folder once.

    A folder that can't be read is reported as a model with that as its obstacle.
    """
    seen: set[Path] = set()
    for program in PROGRAMS:
        try:
            folders = program.folders(here)
        except OSError as error:
            yield _unreadable(program, here.home, error)
            continue
        for folder in folders:
            try:
                real = folder.resolve()
                if real in seen or not folder.is_dir():
                    continue
            except (OSError, RuntimeError, ValueError) as error:  # a setting may be anything
                yield _unreadable(program, folder, error)
                continue
            seen.add(real)
            yield from _read(program, real)


def find_in(path: Path) -> Iterator[FoundModel]:
    """Every model in a folder that a person named, whichever program's it is; or one file.

    Raises NotFound when there is nothing at `path`.
    """
    if path.is_file():
        yield from _one(path)
        return
    if not path.is_dir():
        raise NotFound(f"There is no folder {path}.", "Name a folder or a .gguf file.")
    program = next(p for p in (*PROGRAMS, FOLDER) if p.recognises(path))
    yield from _read(program, path.resolve())


def _one(path: Path) -> Iterator[FoundModel]:
    """One file; of a split model all the parts beside it."""
    from freehold.formats.split import parse_split_name

    split = parse_split_name(path.name)
    names = split.siblings if split else (path.name,)
    there = [path.with_name(name) for name in names if path.with_name(name).is_file()]
    for bundle in bundles([found_file(part, part.name) for part in there], flat=True):
        obstacle = bundle.obstacle or (None if is_gguf(path.name) else "its name is not *.gguf")
        yield FoundModel(FOLDER.name, in_text(path.name), bundle.files, obstacle=obstacle)


def _read(program: Program, folder: Path) -> Iterator[FoundModel]:
    try:
        yield from program.models(folder)
    except (OSError, RuntimeError) as error:  # before Python 3.13 a circle of links is the latter
        yield _unreadable(program, folder, error)


def _unreadable(program: Program, folder: Path, error: Exception) -> FoundModel:
    reason = getattr(error, "strerror", None) or str(error)
    where = getattr(error, "filename", None) or folder
    return FoundModel(program.name, in_text(where), (), obstacle=f"it can't be read: {reason}")
