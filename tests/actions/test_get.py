"""Getting a model from a server on loopback: owned once, resumed, failed over, never wrong."""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import tiny_gguf
from tests.serving import FileServer, Shelf, hub

from freehold.actions import fit_choice, fitting
from freehold.actions.get import Got, get, get_several
from freehold.device.memory import Memory
from freehold.errors import FormatError, HashMismatch, NotEnoughMemory, NotFound, SourceError
from freehold.names import ModelRef
from freehold.progress import SILENT, Task
from freehold.settings import Settings
from freehold.store.store import Store

MODEL = tiny_gguf("served", payload=1_000_000)
DIGEST = hashlib.sha256(MODEL).hexdigest()


class Notes:
    """Progress that keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def task(
        self, label: str, total: int | None = None, unit: str = "B"
    ) -> AbstractContextManager[Task]:
        return SILENT.task(label, total, unit)

    def note(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def servers() -> Iterator[tuple[FileServer, FileServer]]:
    with FileServer() as one, FileServer() as other:
        one.serve("/served.gguf", MODEL)
        other.serve("/served.gguf", MODEL)
        yield one, other


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store.open(home) as store:
        yield store


def ref(server: FileServer, *, pinned: bool = False) -> ModelRef:
    end = f"#sha256={DIGEST}" if pinned else ""
    return ModelRef.parse(f"http://{server.host}/served.gguf{end}")


def fetch(store: Store, *refs: ModelRef, progress: Notes | None = None) -> Got:
    settings = Settings(home=store.home)
    return get(store, settings, refs[0], also=refs[1:], progress=progress or SILENT)


def test_it_is_owned_with_where_it_came_from(
    store: Store, servers: tuple[FileServer, FileServer]
) -> None:
    got = fetch(store, ref(servers[0]))
    assert got.fetched_bytes == len(MODEL)
    model = store.find("served")
    assert model.weights.digest.hex == DIGEST
    assert [seen.url for seen in model.sightings] == [str(ref(servers[0]))]
    assert store.verify(model).ok
    assert store.unfinished() == []


def test_bytes_that_are_owned_are_not_fetched_again(
    store: Store, servers: tuple[FileServer, FileServer]
) -> None:
    fetch(store, ref(servers[0]))
    again = fetch(store, ref(servers[1], pinned=True))
    assert again.was_owned
    assert again.fetched_bytes == 0
    assert len(store.find("served").sightings) == 2


def test_another_place_stands_in_for_one_that_is_gone(
    store: Store, servers: tuple[FileServer, FileServer]
) -> None:
    servers[0].stop()
    notes = Notes()
    got = fetch(store, ref(servers[0], pinned=True), ref(servers[1], pinned=True), progress=notes)
    assert got.model.weights.digest.hex == DIGEST
    assert any(servers[0].host in note for note in notes.said)


def test_another_place_takes_over_in_mid_file(
    store: Store, servers: tuple[FileServer, FileServer]
) -> None:
    body = tiny_gguf("long", payload=6_000_000)  # far more than what waits in the socket buffers
    end = f"#sha256={hashlib.sha256(body).hexdigest()}"
    refs = [ModelRef.parse(server.serve("/long.gguf", body) + end) for server in servers]

    def unplug() -> None:
        while servers[0].sent < 1_000_000:
            time.sleep(0.005)
        servers[0].stop()

    unplugging = threading.Thread(target=unplug)
    unplugging.start()
    get(store, Settings(home=store.home, limit="12MB/s"), refs[0], also=refs[1:])
    unplugging.join()
    assert store.verify(store.find("long")).ok
    assert servers[0].sent > 1_000_000
    assert servers[1].sent > 5_000_000
    assert servers[0].sent + servers[1].sent < len(body) * 1.5  # what was there was kept


def test_a_place_that_gives_wrong_bytes_is_named_and_another_asked(
    store: Store, servers: tuple[FileServer, FileServer]
) -> None:
    wrong = bytearray(MODEL)
    wrong[2_000_000] ^= 1
    servers[0].serve("/served.gguf", bytes(wrong))
    notes = Notes()
    fetch(store, ref(servers[0], pinned=True), ref(servers[1], pinned=True), progress=notes)
    assert store.verify(store.find("served")).ok
    assert any(servers[0].host in note and "wrong" in note for note in notes.said)


def test_wrong_bytes_alone_are_refused_and_the_next_run_starts_afresh(
    store: Store, servers: tuple[FileServer, FileServer]
) -> None:
    wrong = bytearray(MODEL)
    wrong[2_000_000] ^= 1
    servers[0].serve("/served.gguf", bytes(wrong))
    with pytest.raises(HashMismatch, match=servers[0].host):
        fetch(store, ref(servers[0], pinned=True))
    assert store.models() == []
    servers[0].serve("/served.gguf", MODEL)
    fetch(store, ref(servers[0], pinned=True))
    assert store.verify(store.find("served")).ok


def test_places_that_promise_different_bytes_are_not_mixed(
    store: Store, servers: tuple[FileServer, FileServer]
) -> None:
    other = ModelRef.parse(f"http://{servers[1].host}/served.gguf#sha256={'0' * 64}")
    with pytest.raises(HashMismatch, match="different bytes"):
        fetch(store, ref(servers[0], pinned=True), other)


def test_what_is_not_a_model_is_not_owned(
    store: Store, servers: tuple[FileServer, FileServer]
) -> None:
    servers[0].serve("/page.gguf", b"GGUF but not really" * 100)
    with pytest.raises(FormatError):
        fetch(store, ModelRef.parse(f"http://{servers[0].host}/page.gguf"))
    servers[0].serve("/login.gguf", b"<html>log in first</html>", kind="text/html")
    with pytest.raises((SourceError, FormatError)):
        fetch(store, ModelRef.parse(f"http://{servers[0].host}/login.gguf"))
    with pytest.raises(NotFound):
        fetch(store, ModelRef.parse(f"http://{servers[0].host}/absent.gguf"))
    assert store.models() == []


def test_a_damaged_model_is_fetched_again(
    store: Store, servers: tuple[FileServer, FileServer]
) -> None:
    model = fetch(store, ref(servers[0], pinned=True)).model
    blob = store.blob_path(model.weights.digest)
    blob.chmod(0o644)
    data = bytearray(blob.read_bytes())
    data[1_234_567] ^= 4
    blob.write_bytes(data)
    notes = Notes()
    assert not fetch(store, ref(servers[0], pinned=True), progress=notes).was_owned
    assert any("damaged" in note for note in notes.said)
    assert store.verify(store.find("served")).ok


def test_several_at_once_and_one_that_fails(
    home: Path, servers: tuple[FileServer, FileServer]
) -> None:
    bodies = [tiny_gguf(f"m{n}", payload=50_000 + n) for n in range(5)]
    refs = []
    for number, body in enumerate(bodies):
        url = servers[number % 2].serve(f"/m{number}.gguf", body)
        refs.append(ModelRef.parse(url))
    refs.insert(2, ModelRef.parse(f"http://{servers[0].host}/absent.gguf"))
    results = get_several(home, Settings(home=home), refs)
    assert [isinstance(result, Got) for result in results] == [True, True, False, True, True, True]
    with Store.open(home) as store:
        assert sorted(model.name for model in store.models()) == ["m0", "m1", "m2", "m3", "m4"]
        assert all(report.ok for report in store.verify_all())


@pytest.mark.parametrize(("free", "chosen"), [(10**9, "Q8_0"), (35_600_000, "Q4_K_M")])
def test_the_largest_that_fits_is_chosen(
    store: Store,
    servers: tuple[FileServer, FileServer],
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    chosen: str,
) -> None:
    hub(servers[0], {"m-Q2_K.gguf": 20_000, "m-Q4_K_M.gguf": 100_000, "m-Q8_0.gguf": 200_000})
    monkeypatch.setattr(fit_choice, "memory", lambda: Memory(2 * free, free))
    settings = Settings(home=store.home, hf_endpoint=f"http://{servers[0].host}")
    got = get(store, settings, ModelRef.parse("hf:org/m"), fit=True)
    assert got.model.weights.name == f"m-{chosen}.gguf"


def test_without_headers_sizes_decide(
    store: Store, servers: tuple[FileServer, FileServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub(servers[0], {"m.safetensors": 100_000})
    settings = Settings(home=store.home, hf_endpoint=f"http://{servers[0].host}")
    monkeypatch.setattr(fitting, "memory", lambda: Memory(2_000_000, 1_000_000))
    with pytest.raises(NotEnoughMemory, match="about"):
        get(store, settings, ModelRef.parse("hf:org/m"), fit=True)
    monkeypatch.setattr(fitting, "memory", lambda: Memory(2 * 10**9, 10**9))
    got = get(store, settings, ModelRef.parse("hf:org/m"), fit=True)
    assert got.model.weights.name == "m.safetensors"


def test_nothing_that_fits_is_said_with_the_numbers(
    store: Store, servers: tuple[FileServer, FileServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub(servers[0], {"m-Q2_K.gguf": 20_000})
    monkeypatch.setattr(fit_choice, "memory", lambda: Memory(2_000_000, 1_000_000))
    settings = Settings(home=store.home, hf_endpoint=f"http://{servers[0].host}")
    with pytest.raises(NotEnoughMemory, match=r"1\.0 MB is free"):
        get(store, settings, ModelRef.parse("hf:org/m"), fit=True)
    assert store.models() == []


def test_a_token_that_runs_out_in_mid_file_is_asked_for_again(
    store: Store, servers: tuple[FileServer, FileServer]
) -> None:
    """The file is refused half-way, until the Hub is asked for it anew."""
    hub(servers[0], {"m-Q8_0.gguf": 1_000_000})
    name = f"/org/m/resolve/{'c' * 40}/m-Q8_0.gguf"
    file = servers[0].shelves[name]

    class Watched(dict[str, Shelf]):
        def get(self, path: str, default: Any = None) -> Any:
            if path.startswith("/api/models/"):
                file.status = None
            elif file.asked and servers[0].sent > 300_000 and not renewed:
                file.status = 403
                renewed.append(servers[0].sent)
            return super().get(path, default)

    renewed: list[int] = []
    file.cut_after = 300_000
    servers[0].shelves = Watched(servers[0].shelves)
    settings = Settings(home=store.home, hf_endpoint=f"http://{servers[0].host}")
    got = get(store, settings, ModelRef.parse("hf:org/m"))
    assert renewed
    assert store.verify(got.model).ok


SMALL_DISK = """
import os, subprocess, sys
from pathlib import Path
home, url = Path(sys.argv[1]), sys.argv[2]
env = {**os.environ, "FREEHOLD_HOME": str(home / "store")}
command = [sys.executable, "-m", "freehold", "get", url, "--limit", "3MB/s"]
get = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
while not list(home.glob("store/staging/*/*.download")):
    if get.poll() is not None:
        sys.exit(get.stderr.read())
with (home / "filler").open("wb", buffering=0) as filler:  # someone else takes what is left
    try:
        while filler.write(b"x" * 65536): pass
    except OSError: pass
print(get.communicate()[1], get.returncode)
(home / "filler").unlink()
print(subprocess.run(command, env=env, capture_output=True, text=True).returncode)
"""


def test_a_disk_that_fills_up_meanwhile_is_one_clear_error(
    tmp_path: Path, servers: tuple[FileServer, FileServer]
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=9m none {disk} && exec {sys.executable} -c "$0" "$@"'
    way = ["unshare", "--mount", "sh", "-c"]
    probe = [*way, f"mount -t tmpfs none {disk}"]
    if not shutil.which("unshare") or subprocess.run(probe, check=False).returncode:
        pytest.skip("this machine gives no small disk of its own: unshare and tmpfs are needed")
    command = [*way, mount, SMALL_DISK, str(disk), str(ref(servers[0]))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "The disk filled up" in done.stdout
    assert "Traceback" not in done.stdout
    codes = re.findall(r"^ ?(\d+)$", done.stdout, flags=re.M)
    assert codes == ["1", "0"], done.stdout


def test_killed_at_random_moments_it_goes_on_and_finishes(
    home: Path, servers: tuple[FileServer, FileServer]
) -> None:
    chance = random.Random(5)
    words = ["get", str(ref(servers[0], pinned=True)), "--limit", "6MB/s"]
    command = [sys.executable, "-m", "freehold", *words]
    killed = finished = 0
    for _ in range(20):
        process = subprocess.Popen(
            command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.05, 0.9))
        process.kill()
        finished += process.wait() == 0
        killed += process.returncode != 0
        with Store.open(home) as store:
            assert all(report.ok for report in store.verify_all())
            for model in store.models():
                store.remove(model)
    print(f"\nget: {killed} killed, {finished} had finished; fetched {servers[0].sent:,} bytes")
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    with Store.open(home) as store:
        assert store.verify(store.find("served")).ok
        assert store.unfinished() == []
