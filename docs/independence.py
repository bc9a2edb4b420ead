"""Write docs/independence.md: every command, tried with the network cut. Linux only.

Each command runs as a process of its own in a network namespace with nothing in it, not even
loopback; for the server loopback alone is brought up, inside. What the table says is what happened:
the tests try every row again. `python docs/independence.py` writes the page.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from independence_cases import CASES, Case

PAGE = Path(__file__).resolve().parent / "independence.md"
_SET_FLAGS = 0x8914  # SIOCSIFFLAGS
_UP = 0x41  # IFF_UP and IFF_RUNNING
_HEAD = """\
# With the network cut

What you own works with no network: not as a promise, but as a test. Each line below was run as a
process of its own in an empty network namespace, where there is not even loopback
(`unshare --net`); for the server, loopback alone was brought up inside, and another program there
asked it. `python docs/independence.py` writes this page, and the tests run every line again and
fail if one has changed. Of the commands around owned models, `run` among them, they also watch
every process that is started, the engine's worker included, and fail at the first connection that
is tried.

`freehold doctor` says the same of your own machine, now.

| command | what | with the network cut |
|---|---|---|
"""


def main() -> int:
    if sys.argv[1:2] == ["--ask-a-server"]:
        return ask_inside(sys.argv[2:])
    prefix = empty_namespace()
    if prefix is None:
        print("this machine does not allow an empty network namespace", file=sys.stderr)
        return 1
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        models = os.environ.get("FREEHOLD_TEST_MODELS", ".cache/test-models")
        smollm2 = Path(models) / "SmolLM2-135M-Instruct.Q4_1.gguf"
        prepare(Path(folder), smollm2)
        for case in CASES:
            worked, said = tried(case, Path(folder), prefix)
            rows.append(row(case, worked))
            print(rows[-1])
            if worked != (case.needs is None):
                print(f"not as expected: {said}", file=sys.stderr)
                return 1
    PAGE.write_text(_HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return 0


def empty_namespace() -> tuple[str, ...] | None:
    """The words that start a command in an empty network namespace; None where that is refused."""
    unshare = shutil.which("unshare")
    ways = [(unshare, "--net"), (unshare, "--net", "--map-root-user")] if unshare else []
    for way in ways:
        if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
            return tuple(way)
    return None


def prepare(folder: Path, smollm2: Path) -> None:
    """A home that owns SmolLM2, and beside it a small model and an adapter that are not owned."""
    import numpy as np

    from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic
    from freehold.formats.lora import Lora, LowRank, write_lora

    with (folder / "small.gguf").open("wb") as file:
        model = SyntheticModel("llama", 2, 64, 128, 2, 1, 32, vocabulary=600, context_length=128)
        write_synthetic(file, model, "Q8_0")
    with (folder / "lora.gguf").open("wb") as file:
        pair = LowRank(np.full((1, 64), 0.1, np.float32), np.full((64, 1), 0.1, np.float32))
        write_lora(file, Lora("llama", 1.0, {"blk.0.attn_q.weight": pair}))
    _civic(folder / "civic")
    bill = "SECTION 1. No person may own an AI model unless that person holds a license.\n"
    (folder / "bill.txt").write_text(bill, encoding="utf-8")
    (folder / "pairs.jsonl").write_text('{"toward": "yes", "away": "no"}\n')
    pairs = "prompt,completion\none,1\ntwo,2\nthree,3\n"
    (folder / "pairs.csv").write_text(pairs, encoding="utf-8")
    subprocess.run(command(("get", str(smollm2))), env=environment(folder), check=True)


def _civic(folder: Path) -> None:
    """One senator and one ZIP code, as those who publish them write it."""
    term = {"type": "sen", "start": "2025-01-03", "end": "2031-01-03", "state": "WY"}
    senator = {
        "id": {"bioguide": "X0"},
        "name": {"first": "Ada", "last": "Example"},
        "terms": [{**term, "party": "Independent", "phone": "202-555-0100"}],
    }
    folder.mkdir()
    (folder / "legislators.json").write_text(json.dumps([senator]), encoding="utf-8")
    (folder / "zips.csv").write_text("state_fips,state_abbr,zcta,cd\n56,WY,82001,0\n")


def tried(case: Case, folder: Path, prefix: tuple[str, ...]) -> tuple[bool, str]:
    """Whether a command works there, and what it said. Raises TimeoutExpired if it hangs."""
    words = tuple(word.replace("{folder}", str(folder)) for word in case.words)
    if case.damage:
        _damage(folder)
    inside = [*prefix, *command(words)]
    if case.inside:
        inside = [*prefix, sys.executable, __file__, "--ask-a-server", *words]
    code, said = _run(inside, folder)
    if case.as_outside:
        return (code, said) == _run(command(words), folder), said
    return code == 0, said


def row(case: Case, worked: bool) -> str:
    """A line of the table."""
    well = "says the same" if case.as_outside else "works"
    outcome = well if worked else f"needs it: {case.needs}"
    return f"| `{case.line}` | {case.what} | {outcome} |"


def command(words: tuple[str, ...]) -> list[str]:
    """The command line that starts freehold."""
    return [sys.executable, "-m", "freehold", *words]


def environment(folder: Path) -> dict[str, str]:
    """A home of its own."""
    return {**os.environ, "FREEHOLD_HOME": str(folder / "home")}


def ask_inside(words: list[str]) -> int:
    """Inside the namespace: bring loopback up, start a server, and use it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))
    ways = {"open": look_at_the_page, "share": fetch_what_is_shared}
    return ways.get(words[0], ask_a_question)(words)


def look_at_the_page(words: list[str]) -> int:
    """Start what `freehold open` starts, and get the page as a browser does."""
    said = subprocess.run(command(tuple(words)), stdout=subprocess.PIPE, check=True).stdout
    opened = json.loads(said)
    try:
        asked = urllib.request.Request(opened["address"], headers={"Accept": "text/html"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return 0 if answer.read().lower().startswith(b"<!doctype html") else 1
    finally:
        os.kill(opened["pid"], signal.SIGTERM)


def fetch_what_is_shared(words: list[str]) -> int:
    """Share a model, and fetch it as another Freehold would."""
    with subprocess.Popen(command(tuple(words)), stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            address = json.loads(server.stdout.readline())["address"]
            with urllib.request.urlopen(f"{address}/freehold/models.json", timeout=60) as answer:
                (file,) = json.load(answer)["models"][0]["files"]
            with urllib.request.urlopen(
                f"{address}/freehold/blobs/{file['digest']}", timeout=60
            ) as answer:
                return 0 if len(answer.read()) == file["size"] else 1
        finally:
            server.terminate()


def ask_a_question(words: list[str]) -> int:
    """Have a server answer a question."""
    with subprocess.Popen(command(tuple(words)), stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            address = json.loads(server.stdout.readline())["address"]
            question = {"role": "user", "content": "Say hello."}
            body = {"model": "smollm2", "messages": [question], "max_tokens": 8}
            asked = urllib.request.Request(
                f"{address}/v1/chat/completions", json.dumps(body).encode()
            )
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return 0 if json.load(answer)["usage"]["completion_tokens"] else 1
        finally:
            server.terminate()


def _damage(folder: Path) -> None:
    """Flip a bit of `small`."""
    from freehold.store.store import Store

    with Store.open(folder / "home") as store:
        path = store.blob_path(store.find("small").weights.digest)
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(5000)
        byte = file.read(1)[0]
        file.seek(5000)
        file.write(bytes([byte ^ 1]))


def _run(words: list[str], folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(folder),
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main())
