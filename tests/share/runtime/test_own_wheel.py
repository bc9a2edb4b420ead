"""Freehold packed from what is installed."""

from __future__ import annotations

import base64
import csv
import tomllib
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

from freehold.share.runtime.markers import split_requirement
from freehold.share.runtime.own_wheel import requirements, write_own_wheel


def test_the_wheel_is_whole_and_the_same_each_time(repository: Path, tmp_path: Path) -> None:
    wheel = write_own_wheel(tmp_path)
    before = wheel.read_bytes()
    assert write_own_wheel(tmp_path).read_bytes() == before
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        record = next(name for name in names if name.endswith(".dist-info/RECORD"))
        rows = list(csv.reader(archive.read(record).decode().splitlines()))
        metadata = archive.read(record.replace("RECORD", "METADATA")).decode()
        for name, digest, size in rows:
            if name != record:
                data = archive.read(name)
                hashed = base64.urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
                assert (digest, size) == (f"sha256={hashed}", str(len(data)))
    assert sorted(row[0] for row in rows) == sorted(names)
    source = repository / "src" / "freehold"
    files = [path for path in source.rglob("*") if path.is_file()]
    packed = {f"freehold/{path.relative_to(source).as_posix()}" for path in files}
    assert {name for name in packed if "__pycache__" not in name} <= set(names)
    assert not [name for name in names if name.endswith(".pyc")]
    assert any(name.endswith("entry_points.txt") for name in names)
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist: numpy")]
    assert "extra ==" not in metadata


def test_it_needs_what_the_project_says(repository: Path) -> None:
    stated = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    names = sorted(split_requirement(text)[0] for text in stated["dependencies"])
    assert sorted(split_requirement(text)[0] for text in requirements()) == names
