from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from freehold.names import Digest
from freehold.store.codec import (
    RecordDamaged,
    RecordNewer,
    blob_body,
    blob_of,
    model_body,
    model_of,
    read_record,
    write_file,
    write_record,
)
from freehold.store.hashing import root_of
from freehold.store.model import (
    BlobRecord,
    FileState,
    HealthNote,
    Licence,
    OwnedFile,
    OwnedModel,
    Parent,
    Sighting,
)

THEN = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
D = Digest("ab" * 32)
CHUNKS = bytes(range(64))


def full_model() -> OwnedModel:
    return OwnedModel(
        id="cd" * 32,
        name="smol",
        files=(OwnedFile("ünï.gguf", "weights", D, 12), OwnedFile("L", "licence", D, 3)),
        licence=Licence(None, "Gemma", "open with restrictions", D),
        sightings=(Sighting("hf:a/b", "https://x/y", "main", THEN),),
        added_at=THEN,
        facts={"parameters": 134_515_008, "chat": True, "ratio": 0.5, "none": None, "a": "b"},
        parents=(Parent("ef" * 32, "quantized", "big", "Q4_K_M"),),
        tags=("fast", "small"),
        notes="two\nlines",
        pinned=True,
        last_used_at=THEN + timedelta(hours=1),
    )


def full_blob() -> BlobRecord:
    return BlobRecord(
        digest=D,
        size=(1 << 20) + 1,
        chunk_size=1 << 20,
        chunks=CHUNKS,
        root=root_of(CHUNKS),
        proven_at=THEN,
        mtime_ns=1_700_000_000_123_456_789,
        inode=2**63 + 5,
        health=HealthNote(FileState.DAMAGED, THEN, (0, 1)),
    )


def test_a_model_comes_back_as_it_was() -> None:
    model = full_model()
    assert model_of(read_record(write_record(model_body(model)))) == model
    assert model_of(read_record(write_file(model_body(model)))) == model


def test_a_blob_comes_back_as_it_was() -> None:
    blob = full_blob()
    assert blob_of(read_record(write_record(blob_body(blob))), CHUNKS) == blob


def test_every_flipped_bit_of_a_record_is_noticed() -> None:
    text = write_record(model_body(full_model())).encode()
    body = read_record(text)
    for bit in range(0, len(text) * 8, 3):
        flipped = bytearray(text)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            # `\\u00fC` says the same as `\\u00fc`: a flip that changes nothing is no damage
            assert read_record(bytes(flipped)) == body
        except RecordDamaged:
            continue


def test_chunk_hashes_that_do_not_match_their_root_are_noticed() -> None:
    body = blob_body(full_blob())
    with pytest.raises(RecordDamaged, match="chunk hashes"):
        blob_of(body, CHUNKS[:-1] + b"\xff")
    with pytest.raises(RecordDamaged):
        blob_of(body, CHUNKS[:32])


def test_a_record_of_a_later_freehold_is_not_called_damaged() -> None:
    with pytest.raises(RecordNewer):
        read_record(write_record({"format": 99, "id": "x"}))


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"format": []}', "[" * 100_000, "\xff"])
def test_what_is_no_record_is_damaged(text: str) -> None:
    with pytest.raises(RecordDamaged):
        read_record(text)


def test_a_sealed_record_that_lacks_a_field_is_damaged() -> None:
    body = model_body(full_model())
    for field in body:
        if field == "format":
            continue
        short = {name: value for name, value in body.items() if name != field}
        with pytest.raises(RecordDamaged):
            model_of(read_record(write_record(short)))


def test_the_file_is_plain_json_that_people_can_read() -> None:
    lines = write_file(model_body(full_model())).decode()
    assert json.loads(lines)["name"] == "smol"
    assert '\n "name": "smol",\n' in lines
