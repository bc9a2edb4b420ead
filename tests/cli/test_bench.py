"""`freehold bench` as a person uses it: a table, Markdown, JSON, a chart."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.cli.conftest import Say

from freehold.actions import engines
from freehold.engine.fake import FakeEngine


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "engine_for", lambda *_: FakeEngine())


def test_a_table_of_two_models(say: Say, two_models: tuple[str, str]) -> None:
    said = say("bench", *two_models, "--rounds", "1")
    assert said.code == 0
    heading, *rows = said.out.splitlines()
    assert "READ 512 t/s" in heading
    assert "@2,048" in heading
    assert [row.split()[0] for row in rows[:2]] == ["alpha", "beta"]
    assert "1000000.0 ± 0.0" in rows[0]
    assert "memory" in rows[-1]  # the machine


def test_markdown_is_a_table(say: Say, two_models: tuple[str, str]) -> None:
    lines = say("bench", "alpha", "--rounds", "1", "--markdown").out.splitlines()
    assert lines[0].startswith("| MODEL |")
    assert set(lines[1]) <= set("|-: ")
    assert lines[2].startswith("| alpha |")
    assert len({line.count("|") for line in lines[:3]}) == 1


def test_json_says_what_was_measured_and_where(say: Say, two_models: tuple[str, str]) -> None:
    told = say("bench", "alpha", "--rounds", "2", "--json").json
    assert told["results"][0]["prefill"]["median"] == pytest.approx(1e6)
    assert told["results"][0]["rounds"] == 2
    assert told["device"]
    assert 0 <= told["used_by_others"] <= 1


def test_a_chart_is_a_picture_that_names_the_models(
    say: Say, two_models: tuple[str, str], tmp_path: Path
) -> None:
    chart = tmp_path / "speeds.svg"
    assert say("bench", *two_models, "--rounds", "1", "--chart", chart).code == 0
    assert ET.fromstring(chart.read_text()).tag.endswith("svg")
    assert "beta" in chart.read_text()


def test_a_chart_that_cannot_be_written_is_an_error(
    say: Say, two_models: tuple[str, str], tmp_path: Path
) -> None:
    said = say("bench", "alpha", "--rounds", "1", "--chart", tmp_path / "none" / "speeds.svg")
    assert said.code == 1
    assert "cannot be written" in said.err


def test_nothing_owned_nothing_measured(say: Say) -> None:
    assert "no model to measure" in say("bench").err


def test_no_rounds_are_no_measurement(say: Say, two_models: tuple[str, str]) -> None:
    assert say("bench", "alpha", "--rounds", "0").code == 2
