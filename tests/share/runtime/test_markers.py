"""Conditions on requirements, asked about another machine."""

from __future__ import annotations

import pytest

from freehold.share.runtime.markers import holds, split_requirement
from freehold.share.runtime.targets import targets_for

LINUX = targets_for(("linux-x86_64",), ("3.11",))[0].environment
WINDOWS = targets_for(("windows-x86_64",), ("3.12",))[0].environment


@pytest.mark.parametrize(
    ("marker", "on_linux", "on_windows"),
    [
        ("", True, True),
        ('platform_system == "Windows"', False, True),
        ("sys_platform != 'win32'", True, False),
        ('os_name == "nt" or sys_platform == "linux"', True, True),
        ('python_version < "3.9"', False, False),
        ('python_version >= "3.12"', False, True),
        ('"3.12" <= python_version', False, True),
        ('python_full_version < "3.11.3"', True, False),
        ('python_version == "3.11"', True, False),
        ('extra == "test"', False, False),
        ('platform_machine in "AMD64 arm64"', False, True),
        ('(os_name == "nt" and extra == "x") or python_version > "3"', True, True),
        ('platform_python_implementation != "PyPy"', True, True),
        ("platform_python_implementation != 'CPython'", False, False),
    ],
)
def test_a_marker_is_asked_about_the_other_machine(
    marker: str, *, on_linux: bool, on_windows: bool
) -> None:
    assert (holds(marker, LINUX), holds(marker, WINDOWS)) == (on_linux, on_windows)


@pytest.mark.parametrize(
    "marker",
    [
        "nonsense ==",
        "__import__('os').abort()",
        "python_version ~= '3.8'",
        "unknown == 'x'",
        "1 < 2",
    ],
)
def test_what_cannot_be_read_is_rather_taken_along(marker: str) -> None:
    assert holds(marker, LINUX)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("click>=7.0", ("click", "click>=7.0", "")),
        (
            'Typing_Extensions (>=4) ; python_version < "3.13"',
            ("typing-extensions", "Typing_Extensions (>=4)", 'python_version < "3.13"'),
        ),
        ("uvicorn[standard]~=0.4", ("uvicorn", "uvicorn[standard]~=0.4", "")),
    ],
)
def test_a_requirement_has_a_name_and_a_condition(text: str, parts: tuple[str, str, str]) -> None:
    assert split_requirement(text) == parts
