"""`freehold get` of 1 GB from a server on this machine, in turn with what people would use instead:
`curl -o` and `sha256sum`, and `huggingface_hub` (which does not check the hash).

With --kill each is killed half-way and started again, and the bytes sent twice are counted. Bar: at
least 0.8 times the rate of curl and sha256sum.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import freehold, report
from sending import COMMIT, REPOSITORY, Sender, big_model, served

HUB = """
import sys
from huggingface_hub import hf_hub_download
hf_hub_download(sys.argv[1], sys.argv[2], revision=sys.argv[3], cache_dir=sys.argv[4])
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kill", action="store_true", help="kill each half-way and go on")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "big.gguf"
        digest = big_model(source, args.megabytes * 1_000_000)
        with served(source, digest) as address:
            times, twice = measure(folder, source, address, digest, args)
    medians = {name: statistics.median(values) for name, values in times.items()}
    ratio = statistics.median(
        theirs / ours
        for ours, theirs in zip(times["freehold get"], times["curl + sha256sum"], strict=True)
    )
    figures: dict[str, object] = {
        "megabytes": args.megabytes,
        "median_s": {name: round(value, 2) for name, value in medians.items()},
        "rate_ratio_to_curl_and_sha256sum": round(ratio, 3),
        "rounds": args.rounds,
    }
    if args.kill:
        figures["median_megabytes_sent_twice"] = {
            name: round(statistics.median(values) / 1e6, 1) for name, values in twice.items()
        }
    name = "get_loopback_killed" if args.kill else "get_loopback"
    bar = "rate at least 0.8x curl -o and sha256sum"
    return report(name, bar, figures, args.json, met=ratio >= 0.8)


def measure(
    folder: Path, source: Path, address: str, digest: str, args: argparse.Namespace
) -> tuple[dict[str, list[float]], dict[str, list[int]]]:
    """Seconds, and bytes sent beyond the file's size, of each way in each round."""
    home, target, cache = folder / "home", folder / "curl.bin", folder / "cache"
    url = f"{address}/{REPOSITORY}/resolve/{COMMIT}/{source.name}"
    curl = f"curl -s -C - -o {target} {url} && sha256sum {target}"
    ways = {
        "freehold get": freehold("get", f"{url}#sha256={digest}"),
        "curl + sha256sum": ["sh", "-c", curl],
        "huggingface_hub": [sys.executable, "-c", HUB, REPOSITORY, source.name, COMMIT, str(cache)],
    }
    env = {**os.environ, "FREEHOLD_HOME": str(home), "HF_ENDPOINT": address}
    env |= {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    env |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
    times: dict[str, list[float]] = {name: [] for name in ways}
    twice: dict[str, list[int]] = {name: [] for name in ways}
    size = source.stat().st_size
    for _ in range(args.rounds):
        for name, command in ways.items():
            for leftover in (home, cache):
                shutil.rmtree(leftover, ignore_errors=True)
            target.unlink(missing_ok=True)
            os.sync()
            Sender.sent = 0
            times[name].append(timed(command, env, size // 2 if args.kill else None))
            twice[name].append(Sender.sent - size)
    return times, twice


def timed(command: list[str], env: dict[str, str], kill_at: int | None) -> float:
    """Seconds of a run, or of a run that is killed after so many bytes and begun again."""
    null = subprocess.DEVNULL
    began = time.perf_counter()
    if kill_at is not None:
        process = subprocess.Popen(
            command, env=env, start_new_session=True, stdout=null, stderr=null
        )
        while Sender.sent < kill_at and process.poll() is None:
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command, env=env, check=True, stdout=null, stderr=null)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
