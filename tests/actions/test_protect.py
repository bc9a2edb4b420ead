"""Protect: parity appears whole or not at all, goes with its model, and is checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.repairing import Damager

from freehold.actions.protect import parse_percent, protect, unprotect
from freehold.errors import DamagedModel, NotEnoughSpace, UsageError
from freehold.progress import SILENT
from freehold.store import space
from freehold.store.model import FileState, OwnedModel
from freehold.store.store import Store

Own = Callable[..., OwnedModel]
DATA = b"GGUF" + bytes(range(256)) * 4096 * 10


def parity_files(store: Store) -> list[Path]:
    return sorted((store.home / "parity").glob("*"))


def test_it_makes_a_file_of_the_size_that_it_says(store: Store, own: Own) -> None:
    model = own("m", DATA)
    (made,) = protect(store, model, 20)
    (path,) = parity_files(store)
    assert path == store._layout.parity(model.weights.digest)
    assert path.stat().st_size == made.size
    assert (made.surely, made.at_most, made.was_there) == (3, 3, False)
    assert store.unfinished() == []


def test_once_more_is_nothing_and_another_share_replaces_it(store: Store, own: Own) -> None:
    model = own("m", DATA)
    protect(store, model, 20)
    stamp = parity_files(store)[0].stat().st_ino
    assert protect(store, model, 20)[0].was_there
    assert parity_files(store)[0].stat().st_ino == stamp
    with store.staging(f"protect {model.weights.digest}") as work:  # killed after its rename
        work.path("left").write_bytes(b"over")
    assert protect(store, model, 20)[0].was_there
    assert store.unfinished() == []
    assert protect(store, model, 50)[0].surely == 6
    assert len(parity_files(store)) == 1


def test_damaged_parity_is_made_anew(store: Store, own: Own) -> None:
    model = own("m", DATA)
    protect(store, model, 20)
    path = parity_files(store)[0]
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2] + b"\xff" + good[len(good) // 2 + 1 :])
    (report,) = store.protection.check(model, SILENT)
    assert (report.ok, len(report.bad_chunks)) == (False, 1)
    assert not protect(store, model, 20)[0].was_there
    assert path.read_bytes() == good


def test_a_damaged_model_is_refused_and_from_then_on_known_to_be(
    store: Store, own: Own, damage: Damager
) -> None:
    model = own("m", DATA)
    damage.flip(model, [3])
    with pytest.raises(DamagedModel, match="nothing was protected"):
        protect(store, model)
    assert parity_files(store) == []
    assert store.find("m").health is FileState.DAMAGED
    with pytest.raises(DamagedModel, match="chunk 3") as caught:
        protect(store, model)
    assert "freehold repair m" in str(caught.value.hint)


def test_a_full_disk_is_seen_before_anything_is_written(
    store: Store, own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = own("m", DATA)
    monkeypatch.setattr(space, "free_bytes", lambda home: 1000)
    with pytest.raises(NotEnoughSpace):
        protect(store, model)
    assert parity_files(store) == []
    assert store.unfinished() == []


def test_it_goes_with_its_model(store: Store, own: Own) -> None:
    model = own("m", DATA)
    (made,) = protect(store, model, 20)
    report = store.remove(model)
    assert parity_files(store) == []
    assert report.freed_bytes == len(DATA) + made.size


def test_it_stays_while_another_model_has_the_bytes(store: Store, own: Own) -> None:
    model = own("m", DATA)
    own("both", DATA, b"GGUF and more")
    protect(store, model, 20)
    store.remove(model)
    assert len(parity_files(store)) == 1


def test_it_can_be_given_up(store: Store, own: Own) -> None:
    model = own("m", DATA)
    (made,) = protect(store, model, 20)
    assert unprotect(store, model) == made.size
    assert parity_files(store) == []
    assert unprotect(store, model) == 0


@pytest.mark.parametrize("text", ["0%", "101", "-5%", "nan"])
def test_senseless_shares_are_refused(text: str, store: Store, own: Own) -> None:
    with pytest.raises(UsageError, match="makes no sense"):
        protect(store, own("m", DATA), parse_percent(text))


def test_a_share_is_a_number() -> None:
    assert parse_percent(" 7.5% ") == 7.5
    with pytest.raises(UsageError, match="not a percentage"):
        parse_percent("much")
