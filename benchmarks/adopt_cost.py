"""Adopting 1 GB: seconds, and bytes written, beside hashing the same file and beside copying it.

Bytes written are what the kernel counts as written to disks by the process (`getrusage`).
Bar: under 1 MB written, and at most 1.5 times `sha256sum`.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from measure import arguments, freehold, in_turn, report, seconds

SIZE = 1_000_000_000
LIMIT = 1_000_000


def main() -> int:
    args = arguments(__doc__, pairs=5)
    with tempfile.TemporaryDirectory() as folder:
        home, model = Path(folder) / "home", Path(folder) / "models" / "big.gguf"
        model.parent.mkdir()
        _write_model(model)
        theirs = partial(
            seconds, ["sha256sum", model], env=dict(os.environ), stderr=subprocess.DEVNULL
        )
        written: list[int] = []
        ways: set[str] = set()
        runs = in_turn(partial(_adopt, home, model, written, ways), theirs, args.pairs)
        copy = _copy(model)
    adopted, hashed = runs.medians
    most = max(written)
    figures: dict[str, object] = {
        "bytes": SIZE,
        "way": " and ".join(sorted(ways)),
        "freehold_adopt_median_s": round(adopted, 3),
        "sha256sum_median_s": round(hashed, 3),
        "copy_alone_s": round(copy, 3),
        "time_ratio_to_sha256sum": round(runs.ratio, 3),
        "most_bytes_written": most,
        "pairs": args.pairs,
    }
    met = most < LIMIT and runs.ratio <= 1.5
    bar = f"under {LIMIT:,} bytes written, at most 1.5x the time of sha256sum"
    return report("adopt_cost", bar, figures, args.json, met=met)


def _write_model(path: Path) -> None:
    """A GGUF with a header of two facts and a gigabyte behind it that nothing reads but hashes."""
    facts = (("general.architecture", "llama"), ("general.name", "Big"))
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, len(facts))
    for key, value in facts:
        head += struct.pack("<Q", len(key)) + key.encode() + struct.pack("<I", 8)
        head += struct.pack("<Q", len(value)) + value.encode()
    with path.open("wb") as file:
        file.write(head)
        for _ in range(SIZE // 1_000_000):
            file.write(os.urandom(1_000_000))
        file.truncate(SIZE)
        file.flush()
        os.fsync(file.fileno())


def _adopt(home: Path, model: Path, written: list[int], ways: set[str]) -> float:
    """One `freehold adopt` into an empty store: its wall time; what it wrote is noted."""
    shutil.rmtree(home, ignore_errors=True)
    env = {**os.environ, "FREEHOLD_HOME": str(home)}
    command = freehold("adopt", str(model), "--all")
    before = written_by_children()
    began = time.perf_counter()
    done = subprocess.run(command, check=True, env=env, capture_output=True, text=True)
    took = time.perf_counter() - began
    written.append(written_by_children() - before)
    ways.update(way for way in ("reflink", "hard link", "reference") if f"by {way}" in done.stderr)
    return took


def written_by_children() -> int:
    """Bytes that finished child processes wrote to disks so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_oublock * 512


def _copy(model: Path) -> float:
    """What it would take to copy the file instead, onto the disk."""
    target = model.with_name("copy")
    began = time.perf_counter()
    with model.open("rb") as reading, target.open("wb") as writing:
        shutil.copyfileobj(reading, writing, 1 << 20)
        writing.flush()
        os.fsync(writing.fileno())
    took = time.perf_counter() - began
    target.unlink()
    return took


if __name__ == "__main__":
    sys.exit(main())
