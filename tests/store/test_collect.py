from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from freehold.errors import UsageError
from freehold.names import Digest
from freehold.progress import Progress
from freehold.store.collect import CollectionPlan, Kind
from freehold.store.model import OwnedModel
from freehold.store.records import model_name
from freehold.store.store import Store

Own = Callable[..., OwnedModel]
MakeFile = Callable[..., Path]
NOW = timedelta(0)


def kinds(plan: CollectionPlan) -> list[Kind]:
    return sorted(item.kind for item in plan.items)


@pytest.fixture
def orphan(home: Path, make_file: MakeFile, progress: Progress) -> Digest:
    """Bytes that were added by a process that ended before it had a model."""
    with Store.open(home, progress) as other:
        return other.add_file(make_file("orphan", 700, seed=99), None, move=False).digest


def test_an_empty_store_has_nothing_to_collect(store: Store, home: Path) -> None:
    plan = store.plan_collection(NOW)
    assert plan.items == ()
    assert store.collect(plan).collected == ()
    assert not home.exists()


def test_a_tidy_store_has_nothing_to_collect(store: Store, own: Own, make_file: MakeFile) -> None:
    own("smol", make_file("m", 10), make_file("README", 5, seed=1))
    store.remove(own("gone", make_file("g", 10, seed=2)))
    assert store.plan_collection(NOW).items == ()


def test_a_plan_names_everything_left_over_and_deletes_nothing(
    store: Store, own: Own, make_file: MakeFile, home: Path, orphan: Digest
) -> None:
    model = own("smol", make_file("m", 10))
    unrecorded = store.blob_path(Digest("ab" * 32))
    unrecorded.parent.mkdir()
    unrecorded.write_bytes(b"12345")
    with store.staging("hf:a/b") as work:
        work.path("half").write_bytes(b"123")
    (home / "records" / "x.model.json.77.tmp").write_bytes(b"1")
    (home / "ledger.damaged-20260101-000000").write_bytes(b"12")
    before = sorted(home.rglob("*"))

    plan = store.plan_collection(NOW)
    named = {(item.kind, item.name, item.size) for item in plan.items}
    assert named == {
        (Kind.BYTES, str(orphan), 700),
        (Kind.BYTES, str(Digest("ab" * 32)), 5),
        (Kind.WORK, "hf:a/b", 3),
        (Kind.TEMPORARY, "x.model.json.77.tmp", 1),
        (Kind.LEDGER, "ledger.damaged-20260101-000000", 2),
    }
    assert plan.size == 711
    assert sorted(home.rglob("*")) == before

    report = store.collect(plan)
    assert (report.freed_bytes, report.stayed) == (711, ())
    assert store.plan_collection(NOW).items == ()
    assert not store.has(orphan)
    assert store.verify(model).ok
    assert list((home / "staging").iterdir()) == []


def test_young_leftovers_are_left_to_be_resumed(store: Store, orphan: Digest) -> None:
    with store.staging("k") as work:
        work.path("half").write_bytes(b"123")
    assert store.plan_collection().items == ()
    old = work.folder / "half"
    long_ago = (datetime.now(UTC) - timedelta(days=8)).timestamp()
    os.utime(old, (long_ago, long_ago))
    assert kinds(store.plan_collection()) == [Kind.WORK]
    assert kinds(store.plan_collection(timedelta(days=9))) == []


def test_what_a_process_is_at_stays(
    store: Store, make_file: MakeFile, home: Path, progress: Progress
) -> None:
    with Store.open(home, progress) as other:
        record = other.add_file(make_file("m", 10), None, move=False)
        with other.staging("k") as work:
            work.path("half").write_bytes(b"1")
            assert store.plan_collection(NOW).items == ()
    plan = store.plan_collection(NOW)
    assert kinds(plan) == [Kind.BYTES, Kind.WORK]
    with Store.open(home, progress) as other:
        assert other.keep(record.digest)
        report = store.collect(plan)
        assert [item.kind for item in report.collected] == [Kind.WORK]
        assert [item.kind for item in report.stayed] == [Kind.BYTES]
        assert other.has(record.digest)


def test_a_record_whose_bytes_are_gone_is_collected(
    store: Store, orphan: Digest, home: Path
) -> None:
    store.blob_path(orphan).unlink()
    plan = store.plan_collection(NOW)
    assert kinds(plan) == [Kind.RECORD]
    store.collect(plan)
    assert not list((home / "records").iterdir())


def test_a_damaged_models_record_is_never_collected(
    store: Store, own: Own, make_file: MakeFile
) -> None:
    model = own("smol", make_file("m", 10))
    store.blob_path(model.weights.digest).unlink()
    assert store.plan_collection(NOW).items == ()


def test_no_bytes_are_collected_while_a_model_record_cannot_be_read(
    store: Store, orphan: Digest, home: Path
) -> None:
    (home / "records" / model_name("0" * 64)).write_bytes(b"?")
    plan = store.plan_collection(NOW)
    assert plan.items == ()
    assert "cannot be read" in plan.remarks[0]


def test_what_is_not_ours_stays(store: Store, orphan: Digest, home: Path) -> None:
    strange = home / "blobs" / "ab" / "notes.txt"
    strange.parent.mkdir()
    strange.write_text("mine")
    store.collect(store.plan_collection(NOW))
    assert strange.read_text() == "mine"


def test_unused_models_go_only_when_asked_and_never_when_pinned(
    store: Store, own: Own, make_file: MakeFile
) -> None:
    one, two = (own(name, make_file(name, 10, seed=ord(name))) for name in "ab")
    store.pin(one)
    assert store.plan_collection(NOW).items == ()
    assert store.plan_collection(NOW, timedelta(days=1)).items == ()
    plan = store.plan_collection(NOW, unused_for=NOW)
    assert [(item.kind, item.name, item.size) for item in plan.items] == [(Kind.MODEL, "b", 10)]
    store.pin(two)  # between the plan and its use
    assert store.collect(plan).collected == ()
    store.unpin(two)
    assert store.collect(plan).freed_bytes == 10
    assert [model.name for model in store.models()] == ["a"]


def test_marks_of_killed_processes_are_swept(store: Store, orphan: Digest, home: Path) -> None:
    (home / "staging" / f"{orphan.hex}.1-1.hold").touch()
    (home / "staging" / "gone-123.lock").touch()
    assert store.collect(store.plan_collection(NOW)).freed_bytes == 700
    assert list((home / "staging").iterdir()) == []


def test_a_negative_age_is_refused(store: Store) -> None:
    with pytest.raises(UsageError):
        store.plan_collection(timedelta(days=-1))
