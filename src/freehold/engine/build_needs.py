"""What compiling an engine takes: tools by name, where each was found, and how to get what is not.

Only pip, compilers and Python's own headers must be here; cmake and a build program come from the
package index with the source where they are missing. It looks, and changes nothing.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OBJECTS = 197
"""Files that are compiled: what progress counts to."""
PROCESSOR_SECONDS = 585
"""What compiling took, summed over the cores of an AMD EPYC: benchmarks/engine_build.py."""
DISK = 600_000_000
"""Bytes in use while building: sources, objects and the tools that come along."""
MEMORY_PER_JOB = 1_000_000_000
"""Bytes that one compiler may want."""


@dataclass(frozen=True)
class Need:
    """One tool."""

    name: str
    found: str | None
    """Where; None when it is missing."""
    how: str
    """How to get it."""
    from_index: bool = False
    """Missing, and fetched from the package index along with the source."""

    @property
    def missing(self) -> bool:
        """Whether nothing can be compiled for want of it."""
        return self.found is None and not self.from_index


def needs(offline: bool) -> tuple[Need, ...]:
    """Everything that is needed, as it is on this machine; `offline`: nothing can be fetched."""
    return tuple(_needs(offline))


def _needs(offline: bool) -> Iterator[Need]:
    pip = find_spec("pip")
    yield Need(
        "pip",
        str(Path(pip.origin).parent) if pip and pip.origin else None,
        f"{sys.executable} -m ensurepip, or your system's python3-pip",
    )
    yield Need("C compiler", _compiler("CC", ("cc", "gcc", "clang")), _how_compiler())
    yield Need("C++ compiler", _compiler("CXX", ("c++", "g++", "clang++")), _how_compiler())
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    yield Need(
        "Python's headers",
        str(headers.parent) if headers.exists() else None,
        "sudo apt install python3-dev, sudo dnf install python3-devel, or a Python of python.org",
    )
    cmake = shutil.which("cmake")
    yield Need("cmake", cmake, "pip install cmake", from_index=not cmake and not offline)
    if sys.platform != "win32":  # there the compiler brings its own
        build = shutil.which("make") or shutil.which("ninja")
        how = "pip install ninja"
        yield Need("make or ninja", build, how, from_index=not build and not offline)


def _compiler(variable: str, names: tuple[str, ...]) -> str | None:
    if chosen := os.environ.get(variable):
        return shutil.which(chosen.split()[0])
    if sys.platform == "win32":
        return shutil.which("cl") or _visual_studio()
    return next((found for name in names if (found := shutil.which(name))), None)


def _visual_studio() -> str | None:
    """Where Visual Studio says what of it is installed; cmake finds the compiler with it."""
    root = os.environ.get("PROGRAMFILES(X86)", r"C:\Program Files (x86)")
    asked = Path(root) / "Microsoft Visual Studio" / "Installer" / "vswhere.exe"
    return str(asked) if asked.exists() else None


def _how_compiler() -> str:
    if sys.platform == "darwin":
        return "xcode-select --install"
    if sys.platform == "win32":
        return "Visual Studio Build Tools with the workload for C++ (winget)"
    families = {"debian": "sudo apt install g++", "fedora": "sudo dnf install gcc-c++",
                "arch": "sudo pacman -S gcc", "suse": "sudo zypper install gcc-c++",
                "alpine": "sudo apk add g++"}  # fmt: skip
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        system = {}
    names = f"{system.get('ID', '')} {system.get('ID_LIKE', '')}"
    return next((how for name, how in families.items() if name in names), "your system's g++")
