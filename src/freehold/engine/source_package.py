"""The package that the engine's source comes in: its version, its hash, its build tools."""

from __future__ import annotations

import hashlib
import re
import tarfile
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from freehold.errors import EngineError, UsageError

PACKAGE = "xllamacpp"
_NAME = re.compile(rf"{PACKAGE}-(?P<version>[0-9][0-9A-Za-z.+!]*)\.tar\.gz")
_LONGEST_PYPROJECT = 1_000_000


def installed_version() -> str:
    """The version of the binding that came with Freehold, to be compiled. Raises EngineError."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError as error:
        raise EngineError(
            "The llama.cpp binding is not installed, so its version is not known.",
            f"Install it: pip install {PACKAGE}",
        ) from error


def version_of(source: Path) -> str:
    """The version in the name of a source package. Raises UsageError when it is none."""
    named = _NAME.fullmatch(source.name)
    if named is None:
        raise UsageError(
            f"{source.name} is not a source package of the engine.",
            f"It is called {PACKAGE}-VERSION.tar.gz; pip fetches it: "
            f"pip download --no-deps --no-binary {PACKAGE} {PACKAGE}",
        )
    return named["version"]


def sha256_of(source: Path) -> str:
    """The hash of a source package."""
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def build_tools_of(source: Path) -> tuple[str, ...]:
    """The Python packages that building it asks for, as it names them. Raises EngineError."""
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                if re.fullmatch(r"[^/]+/pyproject\.toml", member.name):
                    file = archive.extractfile(member)
                    text = file.read(_LONGEST_PYPROJECT) if file else b""
                    required = tomllib.loads(text.decode("utf-8"))["build-system"]["requires"]
                    return tuple(str(name) for name in required)
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise EngineError(
            f"{source} cannot be read: {type(error).__name__}: {error}.", "Get it again."
        ) from error
    raise EngineError(f"{source} holds no pyproject.toml: it is no source package.")


def absent_tools(required: tuple[str, ...]) -> tuple[str, ...]:
    """Those of them that this Python does not have. Versions are left to the build to complain."""
    return tuple(name for name in required if not _is_installed(name))


def _is_installed(requirement: str) -> bool:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    try:
        version(name[0] if name else requirement)
    except PackageNotFoundError:
        return False
    return True
