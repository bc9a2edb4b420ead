"""`freehold verify` of 1 GB against `sha256sum` of the same file, in turn, from the page cache.

And against `b3sum`, where there is one. Bar: at least 0.9 times the rate of sha256sum.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from freehold.store.model import NewModel, OwnedFile
from freehold.store.store import Store
from measure import arguments, freehold, in_turn, report, seconds

SIZE = 1_000_000_000


def main() -> int:
    args = arguments(__doc__, pairs=5)
    with tempfile.TemporaryDirectory() as folder:
        home, source = Path(folder) / "home", Path(folder) / "bytes"
        with source.open("wb") as file:
            for _ in range(SIZE // 1_000_000):
                file.write(os.urandom(1_000_000))
        with Store.open(home) as store:
            record = store.add_file(source, None, move=True)
            files = (OwnedFile("bytes", "weights", record.digest, record.size),)
            store.add_model(NewModel("bytes", files))
            blob = store.blob_path(record.digest)
        env = {**os.environ, "FREEHOLD_HOME": str(home)}
        ours = partial(seconds, freehold("verify", "bytes"), env=env, stderr=subprocess.DEVNULL)
        theirs = partial(seconds, ["sha256sum", blob])
        runs = in_turn(ours, theirs, args.pairs)
        blake = None
        if shutil.which("b3sum"):
            blake = in_turn(ours, partial(seconds, ["b3sum", blob]), args.pairs)
    rate = 1 / runs.ratio
    figures: dict[str, object] = {
        "freehold_verify_median_s": round(runs.medians[0], 3),
        "sha256sum_median_s": round(runs.medians[1], 3),
        "freehold_gb_per_s": round(SIZE / 1e9 / runs.medians[0], 3),
        "sha256sum_gb_per_s": round(SIZE / 1e9 / runs.medians[1], 3),
        "rate_ratio": round(rate, 3),
        "pairs": args.pairs,
    }
    if blake is not None:
        figures["b3sum_gb_per_s"] = round(SIZE / 1e9 / blake.medians[1], 3)
        figures["rate_ratio_to_b3sum"] = round(1 / blake.ratio, 3)
    return report(
        "verify_rate", "rate at least 0.9x sha256sum", figures, args.json, met=rate >= 0.9
    )


if __name__ == "__main__":
    sys.exit(main())
