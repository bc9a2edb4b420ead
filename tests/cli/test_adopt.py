"""`freehold adopt` as a person uses it; killed at any moment, it leaves all programs whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from freehold.store.store import Store

Run = Callable[..., subprocess.CompletedProcess[str]]
KILLS = 20
LARGE = 24 * 2**20
"""Bytes of a model in the crash test: enough for kills to fall into the hashing."""


def tiny_gguf(title: str) -> bytes:
    """A header without tensors."""
    out = b"GGUF" + struct.pack("<IQQ", 3, 0, 2)
    for key, value in (("general.architecture", "llama"), ("general.name", title)):
        for text in (key, value):
            if text == value:
                out += struct.pack("<I", 8)
            out += struct.pack("<Q", len(text)) + text.encode()
    return out + bytes(-len(out) % 32)


@pytest.fixture
def user() -> Path:
    """A user of LM Studio and of Hugging Face."""
    home = Path(os.environ["HOME"])
    for path, data in (
        (".lmstudio/models/pub/tiny/tiny.gguf", tiny_gguf("Tiny")),
        (".lmstudio/models/pub/odd/odd.gguf", b"no model"),
        (".cache/huggingface/hub/models--o--s/snapshots/abc/model.safetensors", b"safe"),
    ):
        (home / path).parent.mkdir(parents=True)
        (home / path).write_bytes(data)
    return home


def traces(folder: Path) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        data = path.read_bytes() if path.is_file() else b""
        found.append((path, stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_mode, data))
    return found


def test_a_dry_run_lists_by_program_and_writes_nothing(
    freehold: Run, user: Path, home: Path
) -> None:
    before = traces(user)
    done = freehold("adopt", "--dry-run")
    assert done.returncode == 0
    rows = [line.split("  ") for line in done.stdout.splitlines()]
    assert [row[0] for row in rows] == ["PROGRAM", "Hugging Face cache", "LM Studio", "LM Studio"]
    assert "not adoptable: it holds safetensors and no GGUF" in done.stdout
    assert "adopt, sharing the bytes" in done.stdout
    assert not home.exists()
    assert traces(user) == before


def test_without_a_terminal_to_ask_on_nothing_is_adopted(
    freehold: Run, user: Path, home: Path
) -> None:
    done = freehold("adopt")
    assert done.returncode == 2
    assert "--all" in done.stderr
    assert not home.exists()


def test_all_adopts_what_it_can_says_what_it_could_not_and_removes_nothing(
    freehold: Run, user: Path
) -> None:
    before = traces(user)
    done = freehold("adopt", "--all")
    assert done.returncode == 7  # one of them is no model
    assert "Yours: tiny" in done.stderr
    assert "odd of LM Studio is not a usable model" in done.stderr
    assert "yours already: tiny" in freehold("adopt", "--dry-run").stdout
    assert str(user / ".lmstudio/models/pub/tiny/tiny.gguf") in freehold("show", "tiny").stdout
    assert freehold("verify", "--all").returncode == 0
    assert freehold("remove", "tiny", "--yes").returncode == 0
    assert traces(user) == before


def test_json_says_what_was_found_and_what_was_done(freehold: Run, user: Path) -> None:
    done = freehold("adopt", "pub/tiny", "--all", "--json")
    assert done.returncode == 0
    (found,) = json.loads(done.stdout)
    assert (found["program"], found["owned_as"], found["adopted"]) == ("LM Studio", "tiny", True)
    assert found["held"][0]["way"] in {"reflink", "hard link"}
    (again,) = json.loads(freehold("adopt", "pub/tiny", "--dry-run", "--json").stdout)
    assert (again["owned_as"], again["adopted"], again["error"]) == ("tiny", False, None)
    (odd,) = json.loads(freehold("adopt", "pub/odd", "--all", "--json").stdout)
    assert "not a usable model" in odd["error"]


def test_a_machine_without_other_programs(freehold: Run) -> None:
    done = freehold("adopt")
    assert (done.returncode, done.stdout) == (0, "")
    assert "No other program" in done.stderr
    assert json.loads(freehold("adopt", "--json").stdout) == []


def test_a_wish_that_fits_nothing_is_an_error(freehold: Run, user: Path) -> None:
    done = freehold("adopt", "/no/such/folder")
    assert done.returncode == 1
    assert "There is no folder /no/such/folder" in done.stderr


def test_text_of_others_cannot_drive_the_terminal(freehold: Run, user: Path) -> None:
    path = user / ".lmstudio/models/pub/\x1b]0;owned\x07/x.gguf"
    path.parent.mkdir()
    path.write_bytes(tiny_gguf("x\x1b[2J"))
    done = freehold("adopt", "--all")
    assert "\x1b" not in done.stdout + done.stderr
    assert "\x07" not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems only have names in Unicode")
def test_a_name_that_is_no_text_can_be_adopted_shown_and_removed(
    freehold: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    path = os.fsencode(folder) + b"/caf\xe9.gguf"
    with open(path, "wb") as file:  # noqa: PTH123  # a name that only bytes can say
        file.write(tiny_gguf("Cafe"))
    for words in (
        ("adopt", str(folder), "--dry-run", "--json"),
        ("adopt", str(folder), "--all"),
        ("show", "caf"),
        ("show", "caf", "--json"),
        ("verify", "caf"),
        ("remove", "caf", "--yes"),
    ):
        done = freehold(*words)
        assert done.returncode == 0, (words, done.stderr)
    assert os.path.exists(path)  # noqa: PTH110


ADOPT = """\
import sys
from pathlib import Path
from freehold.actions.adopt import adopt, find_elsewhere
from freehold.sources.elsewhere import finder
from freehold.sources.elsewhere.surroundings import Surroundings
from freehold.store.model import Link
from freehold.store import adopting
from freehold.store.store import Store
import filelock, sqlite3  # what it will load, so that the kills fall into the work
if len(sys.argv) > 3:
    adopting.WAYS = Store.adopt_file.__kwdefaults__["ways"] = (Link(sys.argv[3]),)
sys.stdout.write("ready\\n")
sys.stdout.flush()
with Store.open(Path(sys.argv[1])) as store:
    for each in find_elsewhere(store, here=Surroundings(Path(sys.argv[2]))):
        if each.wanted:
            adopt(store, each.found)
sys.stdout.write("done\\n")
"""


def start(home: Path, user: Path, *way: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ADOPT, str(home), str(user), *way]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("way", ["hard link", "reference"])
def test_killed_at_any_moment_nothing_is_lost_and_the_next_run_finishes(
    way: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    user = tmp_path / "lms-user"
    for name in ("one", "two"):
        path = user / ".lmstudio" / "models" / "pub" / name / f"{name}.gguf"
        path.parent.mkdir(parents=True)
        path.write_bytes(tiny_gguf(name) + os.urandom(LARGE))
    before = fingerprint(user)
    began = time.monotonic()
    with start(home, user, way) as whole:
        assert whole.wait() == 0
    length = time.monotonic() - began
    shutil.rmtree(home)
    counts = {"killed": 0, "had finished": 0, "owned after the kill": 0, "links left": 0}
    chance = random.Random(way)
    for _ in range(KILLS // 2):
        with start(home, user, way) as process:
            time.sleep(chance.uniform(0, length))
            process.kill()
            code = process.wait()
        counts["killed" if code else "had finished"] += 1
        assert fingerprint(user) == before
        with Store.open(home) as store:
            counts["owned after the kill"] += len(store.models())
            assert all(report.ok for report in store.verify_all())
        with start(home, user, way) as again:
            assert again.wait() == 0
        with Store.open(home) as store:
            assert len(store.models()) == 2
            assert all(report.ok for report in store.verify_all())
            assert store.unfinished() == []
            for model in store.models():
                store.remove(model)
        counts["links left"] += sum(p.stat().st_nlink - 1 for p in user.rglob("*.gguf"))
        assert fingerprint(user) == before
        shutil.rmtree(home)
    with capsys.disabled():
        print(f"\nadopt by {way}: {counts}")
    assert counts["killed"] > 0
    assert counts["links left"] == 0


def fingerprint(folder: Path) -> list[Any]:
    """Names, sizes, times, inodes and modes; the bytes are those that `verify` proves."""
    stats = [(path, path.stat()) for path in sorted(folder.rglob("*"))]
    return [(p, s.st_size, s.st_mtime_ns, s.st_ino, s.st_mode) for p, s in stats]


def test_two_processes_that_adopt_the_same_at_once_own_it_once(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "u" / ".lmstudio" / "models" / "pub" / "one" / "one.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(tiny_gguf("one") + os.urandom(LARGE))
    before = fingerprint(tmp_path / "u")
    with start(home, tmp_path / "u") as first, start(home, tmp_path / "u") as second:
        assert (first.wait(), second.wait()) == (0, 0)
    with Store.open(home) as store:
        (model,) = store.models()
        assert store.verify(model).ok
        assert store.unfinished() == []
    assert fingerprint(tmp_path / "u") == before
