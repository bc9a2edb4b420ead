"""What `freehold share --civic` gives to other Freeholds, over a real hub."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from tests.civic.small_data import write_all
from tests.server.hub.conftest import Hub, hub

from freehold.actions.act_update import take_data
from freehold.actions.civic_files import data_here, sources_folder
from freehold.settings import Settings


def test_another_freehold_takes_it(orchard: Path, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    take_data(Settings(home=ours), [write_all(tmp_path / "stick")], dated=date(2026, 6, 15))
    with hub(orchard, "apple", civic=ours) as there:
        done = take_data(Settings(home=theirs), [f"peer:{there.host}"])
        assert not done.failed
        _nothing_else_can_be_read(there)
    assert {one.sha256 for one in data_here(theirs)} == {one.sha256 for one in data_here(ours)}
    assert {entry.as_of for entry in data_here(theirs)} == {date(2026, 6, 15)}


def _nothing_else_can_be_read(there: Hub) -> None:
    listed = json.loads(there.ask("/freehold/civic/civic.json").data)
    assert {each["name"] for each in listed["files"]} >= {"legislators-current.json"}
    assert there.ask("/freehold/civic/index.sqlite").status == 404
    assert there.ask_exactly("/freehold/civic/..%2findex.sqlite")[0] == 404
    assert there.ask("/freehold/civic/civic.json", "POST").status == 405


def test_a_hub_without_it_has_none(orchard: Path) -> None:
    with hub(orchard, "apple") as there:
        assert there.ask("/freehold/civic/civic.json").status == 404


def test_damaged_bytes_are_not_given(orchard: Path, tmp_path: Path) -> None:
    home, name = tmp_path / "home", "legislators-current.json"
    take_data(Settings(home=home), [write_all(tmp_path / "stick")])
    path = sources_folder(home) / name
    path.write_bytes(b"X" + path.read_bytes()[1:])
    with hub(orchard, "apple", civic=home) as there:
        answer = there.ask(f"/freehold/civic/{name}")
    assert answer.status == 500
    assert b"damaged" in answer.data
