"""Libraries: disks that come and go. An absent one keeps its list and is never mistaken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from freehold.errors import AmbiguousName, NotOwned, StorageError, UsageError
from freehold.store.libraries import HOME, Libraries
from freehold.store.model import NewModel, OwnedFile, OwnedModel
from freehold.store.store import Store


def put(store: Store, folder: Path, name: str) -> OwnedModel:
    path = folder / f"{name}.bin"
    path.write_bytes(name.encode() * 1000)
    record = store.add_file(path, None, move=True)
    files = (OwnedFile(path.name, "weights", record.digest, record.size),)
    return store.add_model(NewModel(name, files, notes="mine", tags=("small",)))


@pytest.fixture
def disk(home: Path, tmp_path: Path) -> Path:
    """An external disk with a library called usb on it that holds one model, `traveller`."""
    folder = tmp_path / "disk"
    with Libraries(home) as libraries:
        put(libraries.store(), tmp_path, "homely")
        libraries.add(folder, "usb")
        put(libraries.store("usb"), tmp_path, "traveller")
        libraries.all()
    return folder


def names(home: Path) -> dict[str, tuple[bool, list[str]]]:
    with Libraries(home) as libraries:
        return {
            library.name: (library.present, [model.name for model in library.models])
            for library in libraries.all()
        }


def test_models_are_found_in_every_library(home: Path, disk: Path) -> None:
    assert names(home) == {HOME: (True, ["homely"]), "usb": (True, ["traveller"])}
    with Libraries(home) as libraries:
        assert libraries.find("homely").library == HOME
        found = libraries.find("trav")
        assert found.library == "usb"
        assert found.store.verify(found.model).ok


def test_an_absent_library_keeps_its_list(home: Path, disk: Path) -> None:
    disk.rename(disk.with_name("unplugged"))
    disk.mkdir()  # the mount point stays behind, empty
    assert names(home)["usb"] == (False, ["traveller"])
    with Libraries(home) as libraries:
        with pytest.raises(StorageError, match="usb is not there"):
            libraries.find("traveller")
        with pytest.raises(StorageError, match="usb is not there"):
            libraries.store("usb")
    assert list(disk.iterdir()) == []


def test_plugged_in_elsewhere_it_is_known_again(home: Path, disk: Path) -> None:
    moved = disk.with_name("elsewhere")
    disk.rename(moved)
    with Libraries(home) as libraries:
        libraries.forget("usb")
        assert libraries.add(moved, "usb").models[0].name == "traveller"
        assert libraries.find("traveller").library == "usb"


def test_another_disk_in_its_place_is_not_taken_for_it(
    home: Path, disk: Path, tmp_path: Path
) -> None:
    disk.rename(tmp_path / "unplugged")
    with Libraries(tmp_path / "someone-else") as others:
        others.add(disk)
        put(others.store("disk"), tmp_path, "stranger")
    assert names(home)["usb"] == (False, ["traveller"])


def test_copying_takes_along_all_that_is_known(home: Path, disk: Path) -> None:
    with Libraries(home) as libraries:
        copied = libraries.copy("homely", "usb")
        assert (copied.notes, copied.tags) == ("mine", ("small",))
        assert libraries.store("usb").verify(copied).ok
        libraries.store().remove(libraries.store().find("homely"))
        assert libraries.find("homely").library == "usb"


def test_forgetting_touches_nothing(home: Path, disk: Path) -> None:
    before = sorted(disk.rglob("*"))
    with Libraries(home) as libraries:
        libraries.forget("usb")
    assert sorted(disk.rglob("*")) == before
    assert set(names(home)) == {HOME}


def test_what_makes_no_sense_is_refused(home: Path, disk: Path, tmp_path: Path) -> None:
    with Libraries(home) as libraries:
        with pytest.raises(UsageError):
            libraries.add(home)
        with pytest.raises(UsageError):
            libraries.add(tmp_path / "other", "usb")
        with pytest.raises(NotOwned, match="no library"):
            libraries.store("cellar")
        with pytest.raises(NotOwned):
            libraries.find("nothing-like-it")


def test_one_word_for_two_models_in_two_libraries_is_ambiguous(
    home: Path, disk: Path, tmp_path: Path
) -> None:
    with Libraries(home) as libraries:
        libraries.add(tmp_path / "second", "second")
        put(libraries.store("second"), tmp_path, "travelling")
        with pytest.raises(AmbiguousName, match="several libraries"):
            libraries.find("travel")


def test_a_damaged_list_is_one_clear_error(home: Path, disk: Path) -> None:
    path = home / "libraries.json"
    text = path.read_text()
    for bad in ("{", "[1]", text.replace("traveller", "trickster"), json.dumps([{"name": "x"}])):
        path.write_text(bad)
        with Libraries(home) as libraries, pytest.raises(StorageError, match="damaged"):
            libraries.all()
