"""Repair: only what is bad, from wherever it can be had, and proven."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.repairing import MIB, Damager, Repairs, noise
from tests.serving import FileServer

from freehold.actions.protect import protect
from freehold.actions.repair import cannot_mend
from freehold.actions.repair_plan import Origin, RepairPlan
from freehold.errors import DamagedModel, NotFound, UsageError
from freehold.store.libraries import Libraries
from freehold.store.model import FileState, Link, NewModel, OwnedFile, OwnedModel
from freehold.store.store import Store

Own = Callable[..., OwnedModel]
HEADERS = 64 << 10
"""Room for what is read besides the chunks, in bytes."""


@pytest.fixture(scope="module")
def data() -> bytes:
    """12 MiB and a bit: 13 chunks, the last one short."""
    return noise(12 * MIB + 4321)


def is_whole(store: Store, model: OwnedModel) -> bool:
    return store.verify(model).ok


def origins(plan: RepairPlan) -> list[Origin]:
    return [supply.origin for file in plan.files for supply in file.supplies]


def test_three_bad_chunks_of_100_mb_cost_three_chunks(
    store: Store,
    own: Own,
    damage: Damager,
    repairs: Repairs,
    server: FileServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    large = noise(100_000_000)
    url = server.serve("/large.gguf", large)
    model = own("large", large, refs=[url])
    damage.flip(model, [3, 5, 95])
    done = repairs.repair("large")
    assert is_whole(store, model)
    assert done.fetched_bytes == 2 * MIB + (len(large) - 95 * MIB)
    assert server.sent <= 3 * MIB + HEADERS
    assert done.plan.fetch_bytes == done.fetched_bytes
    with capsys.disabled():
        print(f"\n3 bad chunks of 100 MB: {server.sent:,} bytes sent, of {len(large):,}")


def test_the_plan_changes_nothing_and_asks_for_no_chunk(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    model = own("m", data, refs=[server.serve("/m.gguf", data)])
    path = damage.flip(model, [2, 7])
    before = path.read_bytes()
    todo = repairs.plan("m")
    assert [(s.chunks, s.fetch_bytes) for f in todo.files for s in f.supplies] == [
        ((2, 7), 2 * MIB)
    ]
    assert todo.files[0].bad_ranges == ((2 * MIB, 3 * MIB), (7 * MIB, 8 * MIB))
    assert path.read_bytes() == before
    assert server.sent < 1000
    assert store.unfinished() == []


def test_a_good_model_needs_nothing_and_nobody_is_asked(
    own: Own, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    own("m", data, refs=[server.serve("/m.gguf", data)])
    assert repairs.plan("m").files == ()
    assert repairs.repair("m").fetched_bytes == 0
    assert server.requests == 0


@pytest.mark.parametrize("change", ["gone", "truncated", "grown", "emptied"])
def test_a_file_that_is_gone_or_has_another_size(
    change: str,
    store: Store,
    own: Own,
    damage: Damager,
    repairs: Repairs,
    server: FileServer,
    data: bytes,
) -> None:
    model = own("m", data, refs=[server.serve("/m.gguf", data)])
    match change:
        case "gone":
            store.blob_path(model.weights.digest).unlink()
        case "truncated":
            damage.resize(model, 10 * MIB + 5)
        case "grown":
            damage.resize(model, len(data) + 3 * MIB)
        case "emptied":
            damage.resize(model, 0)
    done = repairs.repair("m")
    assert is_whole(store, model)
    assert store.blob_path(model.weights.digest).read_bytes() == data
    good = {"gone": 0, "truncated": 10 * MIB, "grown": len(data), "emptied": 0}[change]
    assert done.fetched_bytes == len(data) - good
    record = store.record(model.weights.digest)
    assert (record.health.state, record.link) == (FileState.OK, Link.OWN)


def test_a_source_with_wrong_bytes_is_named_and_the_next_is_asked(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    wrong = bytearray(data)
    wrong[2 * MIB + 500] ^= 1
    liar = server.serve("/liar.gguf", bytes(wrong))
    honest = server.serve("/honest.gguf", data)
    model = own("m", data, refs=[liar, honest])
    damage.flip(model, [2, 9])
    repairs.repair("m")
    assert is_whole(store, model)
    (said,) = [note for note in repairs.notes.said if "wrong bytes" in note]
    assert liar in said
    assert "chunk 2" in said
    assert server.shelves["/honest.gguf"].asked == [(0, 1), (0, 1), (2 * MIB, 3 * MIB)]


def test_a_source_that_is_wrong_throughout_is_given_up_soon(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    liar = server.serve("/liar.gguf", noise(len(data), seed=9))
    honest = server.serve("/honest.gguf", data)
    model = own("m", data, refs=[liar, honest])
    damage.flip(model, [0, 2, 4, 6, 8, 10])
    repairs.repair("m")
    assert is_whole(store, model)
    assert len(server.shelves["/liar.gguf"].asked) <= 2 + 3


def test_a_source_that_breaks_off_lends_what_it_gave(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    first, second = server.serve("/a.gguf", data), server.serve("/b.gguf", data)
    server.shelves["/a.gguf"].cut_after = 2 * MIB + 100
    model = own("m", data, refs=[first, second])
    damage.flip(model, [4, 5, 6])
    repairs.repair("m")
    assert is_whole(store, model)
    assert server.shelves["/b.gguf"].asked[-1] == (6 * MIB, 7 * MIB)


def test_a_source_that_is_gone_or_has_other_bytes_is_remarked_on(
    own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    gone = server.serve("/gone.gguf", data)
    server.shelves["/gone.gguf"].status = 404
    other = server.serve("/other.gguf", data + b"x")
    good = server.serve("/good.gguf", data)
    model = own("m", data, refs=[gone, other, good])
    damage.flip(model, [1])
    todo = repairs.plan("m")
    assert [s.place for f in todo.files for s in f.supplies] == [good]
    assert any("/gone.gguf" in remark for remark in todo.remarks)
    assert f"{other} has other bytes now." in todo.remarks


def test_a_server_without_ranges_costs_the_whole_and_the_plan_says_so(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    model = own("m", data, refs=[server.serve("/m.gguf", data)])
    server.shelves["/m.gguf"].ranges = False
    damage.flip(model, [3, 8])
    assert repairs.plan("m").fetch_bytes == len(data)
    repairs.repair("m")
    assert is_whole(store, model)


def test_a_copy_in_another_library_is_used_and_nobody_is_asked(
    store: Store,
    own: Own,
    damage: Damager,
    repairs: Repairs,
    server: FileServer,
    data: bytes,
    tmp_path: Path,
) -> None:
    model = own("m", data, refs=[server.serve("/m.gguf", data)])
    with Libraries(store.home) as libraries:
        libraries.add(tmp_path / "usb", "usb")
        libraries.copy("m", "usb")
    damage.flip(model, [1, 12])
    done = repairs.repair("m")
    assert is_whole(store, model)
    assert origins(done.plan) == [Origin.COPY]
    assert (done.fetched_bytes, server.requests) == (0, 0)


def test_another_programs_copy_is_used(
    store: Store, own: Own, damage: Damager, repairs: Repairs, data: bytes
) -> None:
    path = Path(os.environ["HOME"]) / ".lmstudio/models/pub/m/m-0.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    model = own("m", data)
    damage.flip(model, [5])
    todo = repairs.repair("m").plan
    assert [s.place for f in todo.files for s in f.supplies] == [str(path)]
    assert is_whole(store, model)


def test_from_names_files_folders_and_references(
    store: Store,
    own: Own,
    damage: Damager,
    repairs: Repairs,
    server: FileServer,
    data: bytes,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "disk" / "deep"
    folder.mkdir(parents=True)
    half = bytearray(data)
    half[3 * MIB] ^= 1
    (folder / "half.bin").write_bytes(half)
    model = own("m", data)
    damage.flip(model, [3, 4])
    todo = repairs.plan("m", str(tmp_path / "disk"))
    assert [s.chunks for f in todo.files for s in f.supplies] == [(4,)]
    assert todo.files[0].lost == (3,)
    with pytest.raises(DamagedModel, match=r"m-0.gguf: chunk 3 of 13") as caught:
        raise cannot_mend(todo)
    assert "--from" in str(caught.value.hint)
    url = server.serve("/m.gguf", data)
    assert repairs.repair("m", str(folder / "half.bin"), url).fetched_bytes == MIB
    assert is_whole(store, model)
    with pytest.raises(NotFound, match="no file"):
        repairs.plan("m", str(tmp_path / "nothing.gguf"))
    with pytest.raises(UsageError):
        repairs.plan("m", "hf:no")


def test_parity_alone_with_the_server_down(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    model = own("m", data, refs=[server.serve("/m.gguf", data)])
    protect(store, model, 20)
    server.stop()
    damage.flip(model, [0, 6, 12])
    done = repairs.repair("m")
    assert origins(done.plan) == [Origin.PARITY]
    assert done.fetched_bytes == 0
    assert is_whole(store, model)


def test_damaged_parity_gives_what_it_can_and_the_rest_is_fetched(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    model = own("m", data, refs=[server.serve("/m.gguf", data)])
    protect(store, model, 20)
    parity = store.home / "parity" / f"{model.weights.digest.hex}.parity"
    spoiled = bytearray(parity.read_bytes())
    spoiled[len(spoiled) // 2] ^= 1
    parity.write_bytes(spoiled)
    damage.flip(model, [0, 6, 12])
    done = repairs.repair("m")
    assert is_whole(store, model)
    assert origins(done.plan) == [Origin.SOURCE, Origin.PARITY]
    assert done.fetched_bytes == MIB
    assert any("parity are damaged" in remark for remark in done.plan.remarks)


def test_parity_that_cannot_be_read_is_no_obstacle(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    model = own("m", data, refs=[server.serve("/m.gguf", data)])
    protect(store, model, 20)
    (store.home / "parity" / f"{model.weights.digest.hex}.parity").write_bytes(b"rubbish")
    damage.flip(model, [1])
    assert repairs.repair("m").fetched_bytes == MIB
    assert is_whole(store, model)


def test_too_much_damage_is_named_exactly_and_the_model_stays_as_it_is(
    store: Store, own: Own, damage: Damager, repairs: Repairs, data: bytes
) -> None:
    model = own("m", data)
    protect(store, model, 10)
    path = damage.flip(model, [1, 3, 5, 7])
    before = path.read_bytes()
    todo = repairs.repair("m").plan
    assert not todo.possible
    assert set(todo.files[0].lost) == {1, 3, 5, 7}
    assert path.read_bytes() == before
    assert store.verify(model).files[0].bad_chunks == (1, 3, 5, 7)
    with pytest.raises(DamagedModel, match="chunks 1, 3, 5, 7 of 13"):
        raise cannot_mend(todo)


def test_several_damaged_files_and_one_that_cannot_be_mended(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    other = noise(3 * MIB, seed=2)
    model = own("m", data, other, refs=[server.serve("/m-0.gguf", data)])
    damage.flip(model, [2])
    damage.flip(model, [1], file=1)
    done = repairs.repair("m")
    assert [file.possible for file in done.plan.files] == [True, False]
    assert [file.ok for file in store.verify(model).files] == [True, False]


@pytest.mark.parametrize("way", [Link.HARD_LINK, Link.REFERENCE])
def test_another_programs_file_is_never_written_to(
    way: Link,
    store: Store,
    damage: Damager,
    repairs: Repairs,
    server: FileServer,
    data: bytes,
    tmp_path: Path,
) -> None:
    theirs = tmp_path / "theirs" / "m.gguf"
    theirs.parent.mkdir()
    theirs.write_bytes(data)
    record = store.adopt_file(theirs, ways=(way,))
    file = OwnedFile("m.gguf", "weights", record.digest, record.size)
    model = store.add_model(NewModel("m", (file,)))
    damage.flip(model, [4])
    spoiled, stat = theirs.read_bytes(), theirs.stat()
    assert spoiled != data
    repairs.repair("m", server.serve("/m.gguf", data))
    assert is_whole(store, model)
    assert theirs.read_bytes() == spoiled
    after = theirs.stat()
    assert (after.st_ino, after.st_mode, after.st_mtime_ns) == (
        stat.st_ino,
        stat.st_mode,
        stat.st_mtime_ns,
    )
    mended = store.record(model.weights.digest)
    assert (mended.link, mended.elsewhere) == (Link.OWN, None)
    theirs.unlink()
    assert is_whole(store, model)


def test_nothing_is_left_over_and_a_second_repair_has_nothing_to_do(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    model = own("m", data, refs=[server.serve("/m.gguf", data)])
    damage.flip(model, [1])
    repairs.repair("m")
    assert store.unfinished() == []
    before = server.requests
    assert repairs.repair("m").plan.files == ()
    assert server.requests == before


def test_what_was_fetched_is_kept_when_no_place_had_the_rest(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    wrong = bytearray(data)
    wrong[2 * MIB] ^= 1
    url = server.serve("/m.gguf", bytes(wrong))
    model = own("m", data, refs=[url])
    path = damage.flip(model, [2, 5, 6])
    before = path.read_bytes()
    with pytest.raises(DamagedModel, match="chunk 2 of 13"):
        repairs.repair("m")
    assert path.read_bytes() == before
    server.serve("/m.gguf", data)
    assert repairs.repair("m").fetched_bytes == MIB
    assert is_whole(store, model)
