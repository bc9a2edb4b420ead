"""1 GB from `freehold share` against nginx with the same file, in turn, on this machine: to `curl`,
to `huggingface_hub`, and to another Freehold. And the memory it takes, before and at most.

Each client asks both in the same way, and who goes first changes from pair to pair: these clients
write a GB each time, and what the disk has not yet taken slows the next. Of nginx, Freehold is told
the hash with the address. Bar: at least 0.8 times nginx's rate with each of the three.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from freehold.actions.get import get
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store
from measure import Pairs, freehold, in_turn, parser_of, report, seconds
from sending import big_model

HUB = """
import sys
from huggingface_hub import hf_hub_download
hf_hub_download("freehold/big", "big.gguf", cache_dir=sys.argv[1])
"""
PATH = "/freehold/big/resolve/main/big.gguf"
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log; user root;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    location {path} {{
      alias {file};
      add_header X-Repo-Commit {commit};
      add_header X-Linked-Etag '"{digest}"';
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Place:
    """A server of the one file, and how Freehold is told of it."""

    address: str
    ref: str


def main() -> int:
    parser = parser_of(__doc__, pairs=5)
    parser.add_argument("--megabytes", type=int, default=1000)
    args = parser.parse_args()
    if shutil.which("nginx") is None:
        print("There is no nginx here to compare with: nginx-light will do.")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "big.gguf"
        digest = big_model(source, args.megabytes * 1_000_000)
        home = folder / "home"
        with Store.open(home) as store:
            model = get(store, Settings(home=home), ModelRef.parse(str(source))).model
            file = store.blob_path(model.weights.digest)
        source.unlink()
        with sharing(home) as (ours, process), nginx(folder, file, digest) as theirs:
            before = process.memory_info().rss
            figures = {
                client: in_turn(
                    partial(take, ours), partial(take, theirs), args.pairs, alternate=True
                )
                for client, take in clients(folder).items()
            }
            most = highest(process)
    ratios = {client: round(1 / pairs.ratio, 3) for client, pairs in figures.items()}
    return report(
        "share_rate",
        "rate at least 0.8x nginx to curl, huggingface_hub and a Freehold",
        {
            "megabytes": args.megabytes,
            "rate_ratio_to_nginx": ratios,
            "median_s": {client: medians(pairs) for client, pairs in figures.items()},
            "memory_mb": {"before": round(before / 1e6, 1), "most": round(most / 1e6, 1)},
            "pairs": args.pairs,
        },
        args.json,
        met=min(ratios.values()) >= 0.8,
    )


def medians(pairs: Pairs) -> dict[str, float]:
    ours, theirs = pairs.medians
    return {"freehold share": round(ours, 3), "nginx": round(theirs, 3)}


def clients(folder: Path) -> dict[str, Callable[[Place], float]]:
    """Each takes the file from a place, to nowhere or a new folder, and says how long it took."""

    def curl(place: Place) -> float:
        return seconds(["curl", "-sf", "-o", "/dev/null", place.address + PATH])

    def hub(place: Place) -> float:
        quiet = {"PROGRESS_BARS": "1", "TELEMETRY": "1", "XET": "1", "UPDATE_CHECK": "1"}
        env = {f"HF_HUB_DISABLE_{name}": value for name, value in quiet.items()}
        env["HF_ENDPOINT"] = place.address
        return in_new(folder, lambda new: [sys.executable, "-c", HUB, str(new)], env)

    def peer(place: Place) -> float:
        return in_new(folder, lambda _: freehold("get", place.ref), {})

    return {"curl": curl, "huggingface_hub": hub, "freehold get": peer}


def in_new(folder: Path, command: Callable[[Path], list[str]], env: dict[str, str]) -> float:
    """Seconds of a command that keeps what it fetched in a folder, which is then removed."""
    new = folder / "new"
    os.sync()
    env = {**os.environ, "FREEHOLD_HOME": str(new), **env}
    took = seconds(command(new), env=env, stderr=subprocess.DEVNULL)
    shutil.rmtree(new)
    return took


@contextmanager
def sharing(home: Path) -> Iterator[tuple[Place, psutil.Process]]:
    """`freehold share` of what a home owns."""
    command = freehold("share", "--all", "--port", "0", "--json")
    env = {**os.environ, "FREEHOLD_HOME": str(home)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None
        try:
            address = json.loads(process.stdout.readline())["address"]
            ref = f"peer:{address.removeprefix('http://')}/big"
            yield Place(address, ref), psutil.Process(process.pid)
        finally:
            process.terminate()


@contextmanager
def nginx(folder: Path, file: Path, digest: str) -> Iterator[Place]:
    """nginx with the file, and the headers that huggingface_hub wants with it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = NGINX.format(
        folder=folder, file=file, digest=digest, port=port, path=PATH, commit="c" * 40
    )
    (folder / "nginx.conf").write_text(text)
    with subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf")]) as process:
        try:
            while True:
                with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            address = f"http://127.0.0.1:{port}"
            yield Place(address, f"{address}{PATH}#sha256={digest}")
        finally:
            process.terminate()


def highest(process: psutil.Process) -> int:
    """The most memory that a process ever had, in bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    sys.exit(main())
