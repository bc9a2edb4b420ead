"""`freehold act coverage` as a person and a script use it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.civic.small_country import build_small
from tests.cli.conftest import Say


@pytest.fixture
def built(home: Path) -> Path:
    build_small(home)
    return home


def test_a_row_for_each_and_what_is_left_by_name(say: Say, built: Path) -> None:
    said = say("act", "coverage")
    assert said.code == 0
    rows = {line.split()[0]: line for line in said.out.splitlines() if line}
    assert rows["WY"].split()[1:4] == ["4", "75.0%", "100.0%"]
    assert rows["WY"].endswith("3 of 3")
    assert rows["ME"].endswith("no boundaries here")
    assert "State legislators: 10; with a phone 60.0%" in said.out
    assert "Without a phone, WY: Jim Jones" in said.out
    assert "Without a boundary, NH (lies over other districts" in said.out
    assert "Nobody in the data (vacant, or named otherwise), WY: 2" in said.out
    assert "legislators-current.json: as of 2026-08-05; expires 2027-01-03: 5 terms end" in said.out


def test_states_alone_and_for_programs(say: Say, built: Path) -> None:
    found = say("act", "coverage", "--state", "wyoming", "--json").json
    assert [one["of"] for one in found["coverage"]] == ["Congress", "WY"]
    assert found["coverage"][1]["without_phone"] == ["Jim Jones"]
    assert found["coverage"][1]["empty"] == [{"chamber": "lower", "state": "WY", "district": "2"}]
    assert found["data"][0]["as_of"] == "2026-08-05"


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--state", "QQ"), "no state"), (("--state", "TX"), "Nobody of TX is in the data here")],
)
def test_wrong_words_are_one_sentence(
    say: Say, built: Path, words: tuple[str, ...], said: str
) -> None:
    answer = say("act", "coverage", *words)
    assert answer.code != 0
    assert said in answer.err
    assert not answer.out


def test_without_data_it_says_what_fetches_it(say: Say) -> None:
    answer = say("act", "coverage")
    assert answer.code == 1
    assert "freehold act update" in answer.err
