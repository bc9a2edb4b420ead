"""What wheels in a folder still lack, for another machine."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from freehold.errors import FormatError
from freehold.share.runtime.targets import targets_for
from freehold.share.runtime.wheels import lacking


def _wheel(folder: Path, name: str, *needs: str) -> Path:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    lines = [
        f"Name: {name}",
        *(f"Requires-Dist: {need}" for need in needs),
        "",
        "Requires-Dist: a word",
    ]
    with ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(lines))
    return path


def test_what_only_another_system_needs_is_named(tmp_path: Path) -> None:
    wheels = [
        _wheel(tmp_path, "click", 'colorama>=0.4; platform_system == "Windows"', "h11"),
        _wheel(tmp_path, "H11", 'pytest; extra == "test"'),
    ]
    linux, windows = targets_for(("linux-arm64", "windows-x86_64"), ("3.12",))
    assert lacking(wheels, linux) == ()
    assert lacking(wheels, windows) == ("colorama>=0.4",)
    assert lacking([*wheels, _wheel(tmp_path, "colorama")], windows) == ()


def test_what_is_no_wheel_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "x-1.0-py3-none-any.whl"
    path.write_bytes(b"hello")
    with pytest.raises(FormatError, match="is no wheel"):
        lacking([path], targets_for((), ())[0])
