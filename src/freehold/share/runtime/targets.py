"""The machines that a stick is made for: systems, processors, versions of Python.

The engine comes as a wheel for these four kinds and no others: on an Intel Mac or on Windows for
ARM it has to be compiled, or run by Python for x86-64.
"""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass

from freehold.errors import UsageError

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
THIS = "this"


@dataclass(frozen=True)
class Machine:
    """One kind of machine. `tags` are what its wheels are called, those preferred first."""

    name: str
    label: str
    tags: tuple[str, ...]
    system: str
    """As `platform.system()` says there."""
    sys_platform: str
    processor: str
    """As `platform.machine()` says there."""
    shared_bytes: int
    """About what the wheels take that are the same for every Python, as measured when written."""
    python_bytes: int
    """About what is added for each version of Python."""


def _linux(processor: str) -> tuple[str, ...]:
    """From glibc 2.28 (2018) down to the oldest name for the same."""
    names = ("_2_28", "_2_27", "_2_26", "_2_24", "_2_17", "2014", "_2_12", "_2_5")
    return tuple(f"manylinux{name}_{processor}" for name in names)


MACHINES = (
    Machine(
        "linux-x86_64",
        "Linux, Intel or AMD",
        _linux("x86_64"),
        "Linux",
        "linux",
        "x86_64",
        43_000_000,
        18_000_000,
    ),
    Machine(
        "linux-arm64",
        "Linux, ARM",
        _linux("aarch64"),
        "Linux",
        "linux",
        "aarch64",
        42_000_000,
        17_000_000,
    ),
    Machine(
        "macos-arm64",
        "macOS, Apple silicon",
        ("macosx_14_0_arm64", "macosx_11_0_arm64"),
        "Darwin",
        "darwin",
        "arm64",
        26_000_000,
        6_000_000,
    ),
    Machine(
        "windows-x86_64",
        "Windows, Intel or AMD",
        ("win_amd64",),
        "Windows",
        "win32",
        "AMD64",
        16_000_000,
        13_000_000,
    ),
)


@dataclass(frozen=True)
class Target:
    """A kind of machine with one version of Python."""

    machine: Machine
    python: str

    @property
    def label(self) -> str:
        """For people: `Linux, ARM, Python 3.12`."""
        return f"{self.machine.label}, Python {self.python}"

    @property
    def environment(self) -> dict[str, str]:
        """What a requirement's marker may ask about."""
        machine = self.machine
        return {
            "os_name": "nt" if machine.sys_platform == "win32" else "posix",
            "sys_platform": machine.sys_platform,
            "platform_system": machine.system,
            "platform_machine": machine.processor,
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "python_version": self.python,
            "python_full_version": f"{self.python}.0",
            "extra": "",
        }


def targets_for(machines: tuple[str, ...], pythons: tuple[str, ...]) -> tuple[Target, ...]:
    """Every machine that is named, or all, with every Python. Raises UsageError for one unknown."""
    known = {machine.name: machine for machine in MACHINES}
    names = tuple(this_machine() if name == THIS else name for name in machines) or tuple(known)
    for name in names:
        if name not in known:
            raise UsageError(
                f"There is no engine to take along for {name!r}.",
                f"There is for: {', '.join((THIS, *known))}.",
            )
    versions = pythons or PYTHONS
    for version in versions:
        parts = version.split(".")
        if len(parts) != 2 or parts[0] != "3" or not parts[1].isdecimal() or int(parts[1]) < 11:
            raise UsageError(f"{version!r} is no Python for Freehold.", "Say --python 3.12.")
    return tuple(
        Target(known[name], version)
        for name in dict.fromkeys(names)
        for version in dict.fromkeys(versions)
    )


def this_machine() -> str:
    """The name of the kind of machine that this is; it need not be one of those known."""
    processor = platform.machine().lower()
    for machine in MACHINES:
        same = machine.sys_platform == sys.platform
        if same and machine.processor.lower() == processor:
            return machine.name
    return f"{sys.platform}-{processor}"


def expected_bytes(targets: tuple[Target, ...]) -> int:
    """About how much the wheels will take."""
    machines = {target.machine for target in targets}
    each = sum(target.machine.python_bytes for target in targets)
    return sum(machine.shared_bytes for machine in machines) + each
