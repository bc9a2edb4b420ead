"""`freehold act update` and `act reps` as a person and a script use them, on a small country."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.civic.small_data import legislators, write_all
from tests.cli.conftest import Say
from tests.serving import FileServer

from freehold.civic import public_sets
from freehold.civic.public_sets import PublicFile
from freehold.settings import Settings

WEST, EAST = "1.0,0.5", "1.0,1.5"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    return write_all(tmp_path / "stick")


@pytest.fixture
def filled(say: Say, stick: Path) -> Path:
    """A home with the data of the small country; its folder."""
    assert say("act", "update", "--from", stick).code == 0
    return Settings.load().home


def names(told: object) -> list[str]:
    assert isinstance(told, dict)
    return [m["name"] for one in told["candidates"] for m in one["members"]]


def test_with_no_data_it_says_what_to_fetch(say: Say) -> None:
    said = say("act", "reps", "82001")
    assert said.code == 1
    assert "members of Congress" in said.err
    assert "freehold act update" in said.err


@pytest.mark.parametrize(("point", "family"), [(WEST, "Eve West"), (EAST, "Fay East")])
def test_a_point_decides_exactly(say: Say, filled: Path, point: str, family: str) -> None:
    told = say("act", "reps", point, "--json").json
    assert told["is_exact"] is True
    assert names(told) == ["Ada Example", "Bea Example", "Cy Example", "Dee Wide", family]


def test_a_split_zip_gives_both_with_their_shares(say: Say, filled: Path) -> None:
    said = say("act", "reps", "82001")
    assert "Eve West" in said.out
    assert "perhaps, 75% of the ZIP area" in said.out
    assert "perhaps, 25% of the ZIP area" in said.out
    assert "lies in several districts" in said.out
    assert said.out.index("Eve West") < said.out.index("Fay East")


def test_districts_over_others_are_listed_as_unsure(say: Say, filled: Path) -> None:
    told = say("act", "reps", "1.0,-3.5", "--json").json
    sure = {m["name"]: one["is_certain"] for one in told["candidates"] for m in one["members"]}
    assert sure == {"Gil Broad": True, "Hal Far": True, "Ira Over": False}
    assert any("floterial" in note for note in told["notes"])


def test_a_point_on_a_line_gives_both_sides(say: Say, filled: Path) -> None:
    told = say("act", "reps", "1.0,1.0", "--json").json
    assert told["is_exact"] is False
    assert {"Eve West", "Fay East"} <= set(names(told))


def test_switchboards_ages_and_homes(say: Say, filled: Path) -> None:
    said = say("act", "reps", WEST)
    assert "a switchboard" not in said.out  # three of Wyoming share it, which is no switchboard
    assert "307-555-0100" in said.out
    assert "Quiet Lane" not in said.out
    assert "470" not in said.out
    assert "3 terms end" in said.out
    assert "Quiet Lane" in say("act", "reps", WEST, "--home-addresses").out
    assert "Quiet Lane" not in say("act", "reps", WEST, "--json").out


def test_congress_or_the_state_alone(say: Say, filled: Path) -> None:
    assert "Eve West" not in say("act", "reps", WEST, "--federal").out
    assert "Ada Example" not in say("act", "reps", WEST, "--state-level").out


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("99999", "no area for 99999"),
        ("1234", "no ZIP code and no point"),
        ("12 Main Street", "no ZIP code and no point"),
        ("60S 100E", "No district here holds this point"),
        ("143.0,-43.0", "No place has these coordinates"),
        ("91,0", "No place has these coordinates"),
    ],
)
def test_what_is_no_place_is_said(say: Say, filled: Path, place: str, said: str) -> None:
    answer = say("act", "reps", place)
    assert answer.code in {1, 2}
    assert said in answer.err
    assert answer.out == ""


def test_the_place_is_kept_nowhere(say: Say, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.read_bytes() for path in filled.rglob("*") if path.is_file()}
    monkeypatch.setattr(sys, "stdin", io.StringIO("1.23456,0.54321\n"))
    assert "1.23456" in say("act", "reps", "-", "--json").out
    say("act", "reps", "82001-7654")
    assert {path: path.read_bytes() for path in filled.rglob("*") if path.is_file()} == before


def served(files: FileServer, stick: Path) -> tuple[PublicFile, ...]:
    """What is on the stick, as if its makers published it at a server here."""
    return tuple(
        PublicFile(path.name, path.stem, files.serve(f"/{path.name}", path.read_bytes()), "CC0")
        for path in sorted(stick.iterdir())
    )


def test_it_is_fetched_once_and_then_only_what_changed(
    say: Say, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FileServer() as files:
        wanted = served(files, stick)
        monkeypatch.setattr(public_sets, "_COUNTRY", wanted)
        told = say("act", "update", "--json").json
        assert [file["change"] for file in told["files"]] == ["new"] * len(wanted)
        assert all(len(file["sha256"]) == 64 for file in told["files"])
        again = say("act", "update", "--json").json
        assert [file["change"] for file in again["files"]] == ["same"] * len(wanted)
        assert names(say("act", "reps", WEST, "--json").json)[-1] == "Eve West"


def test_what_cannot_be_had_is_named_and_the_rest_is_used(
    say: Say, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FileServer() as files:
        wanted = list(served(files, stick))
        wanted[0] = replace(wanted[0], address=f"http://{files.host}/gone", title="Lost")
        monkeypatch.setattr(public_sets, "_COUNTRY", tuple(wanted))
        said = say("act", "update", "--json")
    assert said.code == 1
    changes = {file["title"]: file["change"] for file in said.json["files"]}
    assert changes.pop("Lost") == "failed"
    assert set(changes.values()) == {"new"}
    assert len(changes) == len(wanted) - 1


def test_a_broken_copy_does_not_take_the_place_of_a_good_one(
    say: Say, filled: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad" / "openstates-people.zip"
    bad.parent.mkdir()
    bad.write_bytes(legislators()[:900])
    said = say("act", "update", "--from", bad)
    assert said.code == 7
    assert "openstates-people.zip" in said.err
    assert names(say("act", "reps", WEST, "--json").json)[-1] == "Eve West"


def test_nothing_of_the_kind_there_is_said(say: Say, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("nothing")
    said = say("act", "update", "--from", tmp_path / "note.txt")
    assert said.code == 2
    assert "no public data" in said.err
    assert say("act", "update", "--from", tmp_path / "none").code == 2
    assert say("act", "update", "--state", "Atlantis").code == 2
