"""The commands around what is owned: list, show, why, edit, verify, remove, usage, gc, library."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Say, flip_bit

pytestmark = pytest.mark.usefixtures("two_models")


def test_list(say: Say) -> None:
    heading, *rows = say("list").out.splitlines()
    assert heading.split() == ["NAME", "SIZE", "KIND", "LICENCE", "HEALTH"]
    assert [row.split()[0] for row in rows] == ["alpha", "beta"]
    assert "Apache-2.0 (open)" in rows[0]
    assert "unknown" in rows[1]
    assert [model["name"] for model in say("list", "--json").json] == ["alpha", "beta"]


def test_show(say: Say) -> None:
    card = say("show", "alpha")
    assert "600.0K" in card.out
    assert "sha256:" in card.out
    assert Path(say("show", "alpha", "--path").out.strip()).read_bytes().startswith(b"GGUF")
    assert say("show", "alpha", "--template").code == 1
    assert say("show", "alpha", "--licence").code == 1
    assert say("show", "alpha", "--json").json["licence"]["spdx"] == "Apache-2.0"
    assert say("show", "gamma").code == 1


def test_why(say: Say) -> None:
    story = say("why", "alpha").out
    assert "is sha256:" in story
    assert "proven" in story
    assert "open source" in story
    assert say("why", "alpha", "--bom").json["bomFormat"] == "CycloneDX"


def test_edit(say: Say) -> None:
    assert say("edit", "alpha", "--name", "Gamma Ray", "--tag", "small", "--note", "mine").code == 0
    shown = say("show", "small", "--json").json
    assert (shown["name"], shown["tags"], shown["notes"]) == ("gamma-ray", ["small"], "mine")
    assert say("edit", "gamma-ray", "--untag", "small", "--json").json["tags"] == []
    assert say("edit", "gamma-ray").code == 2
    assert say("edit", "gamma-ray", "--name", "beta").code == 2


def test_a_pinned_model_stays(say: Say) -> None:
    say("edit", "alpha", "--pin")
    refused = say("remove", "alpha", "--yes")
    assert refused.code == 2
    assert "freehold edit alpha --unpin" in refused.err
    say("edit", "alpha", "--unpin")
    assert say("remove", "alpha", "--yes").code == 0


def test_verify_names_the_damage_and_changes_nothing(say: Say) -> None:
    assert say("verify", "--all").code == 0
    blob = Path(say("show", "beta", "--path").out.strip())
    flip_bit(blob, 1_500_000)
    before = blob.read_bytes()
    said = say("verify", "--all", "--json")
    assert said.code == 5
    assert [report["ok"] for report in said.json] == [True, False]
    assert said.json[1]["files"][0]["bad_chunks"] == [1]
    assert "chunk 1 (bytes 1,048,576 to " in said.err
    assert blob.read_bytes() == before
    assert "damaged" in say("list").out
    assert say("verify").code == 2


def test_remove_asks_and_frees(say: Say) -> None:
    blob = Path(say("show", "beta", "--path").out.strip())
    refused = say("remove", "beta")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert blob.exists()
    size = blob.stat().st_size
    freed = say("remove", "beta", "--yes", "--json").json
    assert freed == [{"name": "beta", "freed_bytes": size}]
    assert not blob.exists()
    assert say("show", "beta").code == 1
    assert say("remove").code == 2


def test_usage(say: Say) -> None:
    assert "2.4 MB" in say("usage").out
    assert [model["shared_bytes"] for model in say("usage", "--json").json["models"]] == [0, 0]


def test_gc_shows_its_plan_and_asks(say: Say, home: Path) -> None:
    assert "Nothing is left over" in say("gc").err
    work = home / "staging" / "something"
    work.mkdir(parents=True)
    (work / "half.download").write_bytes(b"x" * 1000)
    assert say("gc", "--older-than", "0h").code == 2
    assert work.exists()
    plan = say("gc", "--older-than", "0h", "--dry-run", "--json").json
    assert plan[0]["what"] == "unfinished work"
    assert say("gc", "--older-than", "0h", "--yes").code == 0
    assert not work.exists()
    assert say("gc", "--older-than", "soon").code == 2
    assert [model["name"] for model in say("list", "--json").json] == ["alpha", "beta"]


def test_library(say: Say, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    assert say("library", "add", disk, "--name", "usb").code == 0
    assert say("library", "copy", "alpha", "usb").code == 0
    assert say("remove", "alpha", "--yes").code == 0
    assert say("show", "alpha", "--json").json["name"] == "alpha"
    disk.rename(tmp_path / "unplugged")
    assert "absent" in say("list").out
    assert [entry["present"] for entry in say("library", "--json").json] == [True, False]
    gone = say("show", "alpha")
    assert gone.code == 1
    assert "usb is not there" in gone.err
    assert say("library", "copy", "alpha").code == 2
    assert say("library", "forget", "usb").code == 0


def test_get_again_is_no_second_copy(say: Say, tmp_path: Path) -> None:
    said = say("get", tmp_path / "alpha.gguf")
    assert said.code == 0
    assert len(say("list", "--json").json) == 2


def test_get_several_and_one_that_fails(say: Say, tmp_path: Path, home: Path) -> None:
    said = say("get", tmp_path / "alpha.gguf", tmp_path / "missing.gguf", "--json")
    assert said.code == 1
    assert "missing.gguf" in said.err
    assert len(said.json) == 1


def test_what_is_no_model_is_refused_and_not_owned(say: Say, tmp_path: Path) -> None:
    page = tmp_path / "page.gguf"
    page.write_text("<html>not a model</html>")
    said = say("get", page)
    assert said.code == 7
    assert "Traceback" not in said.err
    assert len(say("list", "--json").json) == 2
