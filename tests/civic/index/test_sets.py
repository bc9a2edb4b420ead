"""What a file is, told by what is in it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from tests.civic.small_country import (
    BELKNAP,
    write_congress,
    write_districts,
    write_relation,
    write_states,
)

from freehold.civic.index.sets import Kind, recognise
from freehold.errors import FormatError


def test_each_kind_whatever_it_is_called(tmp_path: Path) -> None:
    made = {
        Kind.CONGRESS: write_congress(tmp_path),
        Kind.STATE_LEGISLATORS: write_states(tmp_path),
        Kind.BOUNDARIES: write_districts(tmp_path / "a.zip", "SLDLST", BELKNAP),
        Kind.ZIP_AREAS: write_relation(tmp_path / "r.txt", "CD119", []),
    }
    texts = {
        Kind.CONGRESS_OFFICES: '[{"id": {}, "offices": []}]',
        Kind.COMMITTEES: '[{"name": "Rules", "thomas_id": "SSRA"}]',
        Kind.COMMITTEE_MEMBERS: '{"SSRA": [{"name": "A", "bioguide": "S1"}]}',
    }
    for kind, text in texts.items():
        made[kind] = tmp_path / f"{kind}.json"
        made[kind].write_text(text)
    assert set(made) == set(Kind)
    for number, (kind, path) in enumerate(made.items()):
        other = path.rename(tmp_path / f"copy{number}")
        assert recognise(other) is kind


@pytest.mark.parametrize("text", ["", "hello", "[]", "{}", "[1, 2]", '[{"other": 1}]', '{"a": []}'])
def test_any_other_file_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other"
    path.write_text(text)
    assert recognise(path) is None


def test_an_archive_of_something_else_is_none(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.jpg", b"x")
    assert recognise(path) is None
    assert recognise(tmp_path / "nothing there") is None


@pytest.mark.parametrize("data", [b"PK\x03\x04half", b'[{"terms": [', b"[" * 100_000])
def test_half_a_file_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "half"
    path.write_bytes(data)
    with pytest.raises(FormatError, match="half") as caught:
        recognise(path)
    assert "fetch it again" in (caught.value.hint or "")
