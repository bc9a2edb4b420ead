from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from freehold.errors import DamagedModel, IntegrityError, StorageError
from freehold.names import Digest
from freehold.progress import SILENT, SilentProgress
from freehold.store.hashing import bad_chunks, hash_file
from freehold.store.model import BlobRecord, FileState, HealthNote, now
from freehold.store.parity import make_parity
from freehold.store.parity_file import ParityFile, read_parity
from freehold.store.parity_repair import plan_repair, restore_chunks

CHUNK = 512


class Protected:
    """A blob with parity, damaged as the test likes."""

    def __init__(self, folder: Path, size: int, percent: float, chunk_size: int = CHUNK) -> None:
        self.path = folder / "blob"
        self.good = random.Random(size).randbytes(size)
        self.path.write_bytes(self.good)
        parts = [self.good[begin : begin + chunk_size] for begin in range(0, size, chunk_size)]
        hashes = b"".join(hashlib.sha256(part).digest() for part in parts)
        whole = Digest(hashlib.sha256(self.good).hexdigest())
        note = HealthNote(FileState.OK, now())
        self.record = BlobRecord(whole, size, chunk_size, hashes, whole, now(), 0, 0, note)
        self.parity = make_parity(self.path, self.record, percent, folder / "parity", SILENT)

    def flip(self, *chunks: int, seed: int = 0) -> None:
        """Flip one bit in each of these chunks."""
        chance = random.Random(seed)
        with self.path.open("r+b") as file:
            for index in chunks:
                begin, end = self.record.chunk_range(index)
                place = chance.randrange(begin, end)
                file.seek(place)
                value = file.read(1)[0]
                file.seek(place)
                file.write(bytes([value ^ 1 << chance.randrange(8)]))

    def flip_cell(self, number: int) -> None:
        """Flip one bit in a parity chunk."""
        layout = self.parity.layout
        begin = (layout.file_size - 16 - layout.cell_count * layout.cell_size) // 2
        with self.parity.path.open("r+b") as file:
            place = begin + number * layout.cell_size + 5
            file.seek(place)
            value = file.read(1)[0]
            file.seek(place)
            file.write(bytes([value ^ 4]))

    def bad(self) -> list[int]:
        """What verifying finds."""
        record = self.record
        with SilentProgress().task("") as task:
            return bad_chunks(self.path, record.size, record.chunks, record.chunk_size, task)

    def chunk(self, index: int) -> bytes:
        begin, end = self.record.chunk_range(index)
        return self.good[begin:end]

    def restore(self, parity: ParityFile | None = None) -> dict[int, bytes]:
        parity = parity or self.parity
        plan = plan_repair(parity, self.record, self.bad(), SILENT)
        return dict(restore_chunks(self.path, parity, plan, SILENT))


def test_flipped_bits_are_restored(tmp_path: Path) -> None:
    it = Protected(tmp_path, 1000 * CHUNK - 100, 5)
    it.flip(3, 500, 999)
    assert it.restore() == {index: it.chunk(index) for index in (3, 500, 999)}
    assert len(it.restore()[999]) == CHUNK - 100


def test_nothing_is_written_by_planning_or_restoring(tmp_path: Path) -> None:
    it = Protected(tmp_path, 100 * CHUNK, 5)
    it.flip(3)
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    it.restore()
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("size", [1, 9, CHUNK, CHUNK + 1, 21 * CHUNK + 5])
def test_every_single_chunk_of_a_small_file_can_be_restored(tmp_path: Path, size: int) -> None:
    it = Protected(tmp_path, size, 5)
    for index in range(it.record.chunk_count):
        it.path.write_bytes(it.good)
        it.flip(index)
        assert it.restore() == {index: it.chunk(index)}


def test_random_damage_is_restored_or_named_exactly(tmp_path: Path) -> None:
    """In blob and parity file at once: the plan's words come true, whatever is damaged."""
    it = Protected(tmp_path, 300 * CHUNK - 17, 8)
    good_parity = it.parity.path.read_bytes()
    layout, chance = it.parity.layout, random.Random(4)
    restored = lost = damaged_cells = whole = 0
    for round_ in range(60):
        it.path.write_bytes(it.good)
        it.parity.path.write_bytes(good_parity)
        bad = sorted(chance.sample(range(300), chance.randint(1, 30)))
        cells = sorted(chance.sample(range(layout.cell_count), chance.randint(0, 6)))
        it.flip(*bad, seed=round_)
        for number in cells:
            it.flip_cell(number)
        plan = plan_repair(read_parity(it.parity.path), it.record, it.bad(), SILENT)
        given = dict(restore_chunks(it.path, it.parity, plan, SILENT, partial=True))
        assert given == {index: it.chunk(index) for index in plan.restorable}
        assert sorted([*plan.restorable, *plan.lost]) == bad
        assert set(plan.bad_cells) <= set(cells)
        for index in plan.lost:
            stripe = index % layout.stripes
            left = layout.rows - sum(number % layout.stripes == stripe for number in cells)
            assert sum(other % layout.stripes == stripe for other in bad) > left
        restored += len(plan.restorable)
        lost += len(plan.lost)
        damaged_cells += len(cells)
        whole += not plan.lost
    print(
        f"60 rounds, {damaged_cells} parity chunks damaged: {restored} chunks restored, "
        f"{lost} named as lost, {whole} files whole"
    )
    assert restored > 100
    assert lost > 100


def test_a_burst_as_long_as_the_parity_is_restored_wherever_it_falls(tmp_path: Path) -> None:
    it = Protected(tmp_path, 1000 * CHUNK, 5)
    count = it.parity.layout.cell_count
    assert count == 50
    for begin in range(0, 951, 190):
        it.path.write_bytes(it.good)
        it.flip(*range(begin, begin + count))
        assert len(it.restore()) == count
    print(f"6 bursts of {count} chunks restored")


def test_a_burst_in_the_parity_file_leaves_every_stripe_some(tmp_path: Path) -> None:
    it = Protected(tmp_path, 1000 * CHUNK, 5)
    layout = it.parity.layout
    for number in range(layout.cell_count - layout.stripes):  # all but one for each stripe
        it.flip_cell(number)
    it.flip(*range(300, 300 + layout.stripes))
    assert len(it.restore()) == layout.stripes


def test_a_file_that_lost_its_tail_gets_it_back(tmp_path: Path) -> None:
    it = Protected(tmp_path, 1000 * CHUNK - 3, 5)
    with it.path.open("r+b") as file:
        file.truncate(951 * CHUNK + 100)
    restored = it.restore()
    assert sorted(restored) == list(range(951, 1000))
    assert b"".join(restored[index] for index in range(951, 1000)) == it.good[951 * CHUNK :]


def test_too_much_damage_names_what_is_lost_before_anything_is_read(tmp_path: Path) -> None:
    it = Protected(tmp_path, 100 * CHUNK, 5)
    it.flip(1, 2, 3, 40, 50, 60)
    bad = it.bad()
    plan = plan_repair(it.parity, it.record, bad, SILENT)
    assert (plan.restorable, plan.lost, plan.short) == ((), tuple(bad), 1)
    it.path.unlink()
    with pytest.raises(DamagedModel) as caught:
        restore_chunks(it.path, it.parity, plan, SILENT)
    assert "chunks 1 to 3, 40, 50, 60 cannot be restored" in caught.value.message
    assert "1 more bad than" in caught.value.message
    assert "source" in (caught.value.hint or "")


def test_one_chunk_from_elsewhere_saves_the_rest(tmp_path: Path) -> None:
    it = Protected(tmp_path, 100 * CHUNK, 5)
    it.flip(1, 2, 3, 40, 50, 60)
    with it.path.open("r+b") as file:
        file.seek(2 * CHUNK)
        file.write(it.chunk(2))
    assert sorted(it.restore()) == [1, 3, 40, 50, 60]


def test_damage_that_verify_did_not_know_of_is_found_and_not_used(tmp_path: Path) -> None:
    it = Protected(tmp_path, 100 * CHUNK, 5)
    it.flip(1)
    plan = plan_repair(it.parity, it.record, it.bad(), SILENT)
    it.flip(70)
    with pytest.raises(DamagedModel, match=r"Chunk 70 of .* is damaged too"):
        list(restore_chunks(it.path, it.parity, plan, SILENT))


def test_parity_that_changes_between_plan_and_use_is_not_used(tmp_path: Path) -> None:
    it = Protected(tmp_path, 100 * CHUNK, 5)
    it.flip(1)
    plan = plan_repair(it.parity, it.record, it.bad(), SILENT)
    it.flip_cell(0)
    with pytest.raises(IntegrityError, match="has changed while it was used"):
        list(restore_chunks(it.path, it.parity, plan, SILENT))


def test_the_parity_of_another_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    it, other = Protected(tmp_path, 100 * CHUNK, 5), Protected(tmp_path / "other", 99 * CHUNK, 5)
    with pytest.raises(IntegrityError, match=r"is not of .*: its hashes differ"):
        plan_repair(other.parity, it.record, [1], SILENT)


def test_parity_that_was_made_wrongly_gives_an_error_and_no_chunk(tmp_path: Path) -> None:
    """A parity file can lie with hashes that are right for what it holds."""
    it = Protected(tmp_path, 40 * CHUNK, 3)
    data = bytearray(it.parity.path.read_bytes())
    header = (len(data) - 16 - 2 * CHUNK) // 2
    data[header] ^= 1
    cell_hash = hashlib.sha256(data[header : header + CHUNK]).digest()
    for end in (header, len(data) - 16):
        data[end - 3 * 32 : end - 2 * 32] = cell_hash
        data[end - 32 : end] = hashlib.sha256(data[end - header : end - 32]).digest()
    it.parity.path.write_bytes(data)
    lying = read_parity(it.parity.path)
    assert not lying.damaged_header
    it.flip(7)
    with pytest.raises(IntegrityError, match=r"Chunk 7 of .* as restored is not"):
        it.restore(lying)


def test_with_as_much_parity_as_data_a_file_that_is_gone_comes_back(tmp_path: Path) -> None:
    it = Protected(tmp_path, 100 * CHUNK, 100)
    it.path.unlink()
    plan = plan_repair(it.parity, it.record, range(100), SILENT)
    restored = dict(restore_chunks(None, it.parity, plan, SILENT))
    assert b"".join(restored[index] for index in range(100)) == it.good


def test_a_parity_file_that_is_gone(tmp_path: Path) -> None:
    it = Protected(tmp_path, 10 * CHUNK, 10)
    it.parity.path.unlink()
    with pytest.raises(StorageError, match="parity file"):
        plan_repair(it.parity, it.record, [1], SILENT)


def test_no_damage_makes_an_empty_plan(tmp_path: Path) -> None:
    it = Protected(tmp_path, 10 * CHUNK, 10)
    plan = plan_repair(it.parity, it.record, [], SILENT)
    assert (plan.damage, plan.restorable, plan.lost) == ((), (), ())
    assert list(restore_chunks(it.path, it.parity, plan, SILENT)) == []


def test_a_real_model_of_94_chunks_is_restored(smollm2: Path, tmp_path: Path) -> None:
    with SilentProgress().task("") as task:
        proof = hash_file(smollm2, task)
    note = HealthNote(FileState.OK, now())
    record = BlobRecord(
        proof.digest, proof.size, 1 << 20, proof.chunks, proof.root, now(), 0, 0, note
    )
    parity = make_parity(smollm2, record, 5, tmp_path / "parity", SILENT)
    bad = [0, 41, 42, 43, record.chunk_count - 1]
    # The plan says which chunks are bad: what the file has in their place is never looked at.
    plan = plan_repair(parity, record, bad, SILENT)
    for index, chunk in restore_chunks(smollm2, parity, plan, SILENT):
        assert hashlib.sha256(chunk).digest() == record.chunk_hash(index)
        bad.remove(index)
    assert bad == []
    share = parity.path.stat().st_size / record.size
    print(f"parity of {share:.1%} of a model of {record.size:,} bytes restored 5 chunks")
