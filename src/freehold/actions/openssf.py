"""Check and make OpenSSF model signatures, of a folder, a file, or an owned model. No network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import UsageError
from freehold.share.openssf.bundle import prove_signature, read_signature, write_signature
from freehold.share.openssf.compare import (
    Compared,
    compare_files,
    compare_model,
    find_files,
    hash_files,
)
from freehold.share.openssf.manifest import (
    GIT_PATHS,
    Manifest,
    Rules,
    read_manifest,
    write_manifest,
)
from freehold.store.durable import storage_errors, write_durably

if TYPE_CHECKING:
    from collections.abc import Mapping

    from freehold.progress import Progress
    from freehold.store.libraries import Found
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

_BESIDE = frozenset({"licence", "document"})


@dataclass(frozen=True)
class Checked:
    """A signature that its key made, and how the files are to it. `name` is what it was over."""

    name: str
    compared: Compared


def check_signature(
    target: Path | Found, signature: Path, key: Path, progress: Progress
) -> Checked:
    """Check a signature file with a public key in PEM, and files against it.

    Raises HashMismatch for a signature that this key did not make, FormatError, UsageError.
    """
    found = read_signature(signature)
    prove_signature(found, key)
    manifest = read_manifest(found.payload)
    if isinstance(target, Path):
        files = find_files(target, manifest.rules, but=signature)
        hashed = hash_files(files, manifest.rules, progress)
        return Checked(manifest.name, compare_files(files, hashed, manifest))
    # Whether a name is left out is about the folder that was signed, not about what is owned.
    rules = Rules(manifest.rules.algorithm, manifest.rules.part, ignored=())
    hashed = hash_files(_core(target.store, target.model), rules, progress)
    return Checked(manifest.name, compare_model(hashed, manifest))


def make_signature(target: Path | Found, signature: Path, key: Path, progress: Progress) -> int:
    """Write a signature file over all files, with a private key in PEM. How many files it is over.

    Nothing is overwritten. Raises DamagedModel for an owned model that is, UsageError.
    """
    if signature.exists():
        raise UsageError(f"{signature} is there already, and is not overwritten.", "Name another.")
    if isinstance(target, Path):
        rules = Rules(ignored=(*GIT_PATHS, *_inside(signature, target)))
        files: Mapping[str, Path] = find_files(target, rules)
        name = target.resolve().name
    else:
        rules, name = Rules(), target.model.name
        target.store.check_ready(target.model, progress)
        files = {f.name: target.store.blob_path(f.digest) for f in target.model.files}
    hashed = hash_files(files, rules, progress)
    if not hashed:
        raise UsageError(f"There is no file in {name} to sign.")
    data = write_signature(write_manifest(Manifest(name, rules, hashed)), key)
    with storage_errors(f"write {signature}"):
        write_durably(signature, data)
    return len(hashed)


def _core(store: Store, model: OwnedModel) -> dict[str, Path]:
    """The files that make the model what it is, where their bytes are."""
    core = [file for file in model.files if file.role not in _BESIDE] or model.files
    return {file.name: store.blob_path(file.digest) for file in core}


def _inside(signature: Path, folder: Path) -> tuple[str, ...]:
    path, whole = signature.absolute(), folder.absolute()
    return (path.relative_to(whole).as_posix(),) if path.is_relative_to(whole) else ()
