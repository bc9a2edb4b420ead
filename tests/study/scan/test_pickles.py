"""Pickles by what they would import, and nothing of them run."""

from __future__ import annotations

import collections
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freehold.study.scan.pickles import read_pickles


class Evil:
    """Makes a file when it is loaded."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)


class Shell:
    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, ("id",)


def facts(path: Path, data: bytes) -> Any:
    path.write_bytes(data)
    found = read_pickles(path, path.name)
    assert len(found.pickles) == 1
    return found.pickles[0]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_it_would_import_is_known_and_not_done(protocol: int, tmp_path: Path) -> None:
    target = tmp_path / "touched"
    found = facts(tmp_path / "x.pkl", pickle.dumps({"a": [1, Evil(target)]}, protocol))
    assert any(
        name.endswith("Path.touch") or name == "builtins.getattr" for name in found.unusual
    ) or ("pathlib.PosixPath" in found.unusual)
    assert found.calls >= 1
    assert found.whole
    assert not target.exists()
    (system,) = facts(tmp_path / "y.pkl", pickle.dumps(Shell(), protocol)).unusual
    assert system in {"posix.system", "nt.system", "os.system"}


def test_arrays_and_tables_are_usual(tmp_path: Path) -> None:
    data = collections.OrderedDict(w=np.arange(6, dtype="f4"), n=3)
    found = facts(tmp_path / "x.bin", pickle.dumps(data))
    assert found.imports
    assert found.unusual == ()


def test_a_name_from_the_memo_and_a_computed_one(tmp_path: Path) -> None:
    memo = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940h\x00h\x01\x93\x8c\x02id\x85R."
    assert facts(tmp_path / "memo.pkl", memo).unusual == ("os.system",)
    computed = b"\x80\x04\x8c\x02os)\x93)R."
    assert facts(tmp_path / "computed.pkl", computed).unusual == ("a computed name",)


def test_an_old_pickle_without_a_mark(tmp_path: Path) -> None:
    assert facts(tmp_path / "x.pt", b"cos\nsystem\n(S'id'\ntR.").unusual == ("os.system",)


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_as_pytorch_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(
        zipped({"m/data.pkl": pickle.dumps(Shell()), "m/code/a.py": b"", "m/data/0": b"1"})
    )
    found = read_pickles(path, "model.pt")
    assert [(each.where, each.unusual) for each in found.pickles] == [
        ("model.pt: m/data.pkl", ("posix.system",) if Path("/").exists() else ("nt.system",))
    ]
    assert found.code == ("m/code/a.py",)


def test_several_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "old.pt"
    path.write_bytes(pickle.dumps(1, 2) + pickle.dumps(Shell(), 2) + b"raw numbers")
    found = read_pickles(path, "old.pt").pickles
    assert [each.unusual for each in found] == [(), ("posix.system",)]
    assert found[1].where.startswith("old.pt, byte ")


@pytest.mark.parametrize(
    "data",
    [b"\x80\x04", b"\x80\x04\xff", b"\x80\x04\x8e" + b"\xff" * 8, b"\x80\x04" + b"(" * 1000],
    ids=["empty", "unknown", "a text without end", "marks"],
)
def test_what_cannot_be_read_to_its_end_is_said(data: bytes, tmp_path: Path) -> None:
    found = facts(tmp_path / "x.pkl", data)
    assert not found.whole
    assert "cannot be read to its end" in (found.trouble or "")


def test_a_zip_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(b"PK\x03\x04nonsense")
    assert "its zip cannot be read" in (read_pickles(path, "x.pt").trouble or "")


def test_a_zip_that_unpacks_to_very_much_is_read_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from freehold.study.scan import pickles

    monkeypatch.setattr(pickles, "MAX_READ", 1000)
    path = tmp_path / "bomb.pt"
    path.write_bytes(zipped({"data.pkl": b"\x80\x04" + b"N0" * 1_000_000 + b"."}))
    (found,) = read_pickles(path, "bomb.pt").pickles
    assert "only its first 1,000 bytes were read" in (found.trouble or "")


def test_what_is_no_pickle_has_none(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"lmgg" + bytes(100))
    assert read_pickles(path, "weights.bin").pickles == ()
