"""What converting and merging a whole model cost: seconds, and memory at the highest.

A synthetic Llama of 1.2 billion numbers in BF16 (the shape of Llama 3.2 1B, its vocabulary of
128,256 tokens too) is written as a checkpoint, converted back into a GGUF file as it is and as
Q8_0, and merged with an adapter; each by its command, in a process of its own. Nothing is loaded
into the engine and nothing is measured of the result: that is not what streaming is about.

Memory is told twice: what the process has for itself, and with the pages of files it has mapped,
which the system takes back when it needs them. The bar is for the whole.

    python benchmarks/convert_cost.py --json benchmarks/results/convert_cost.json
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from freehold.formats.gguf import read_header
from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic
from freehold.formats.lora import Lora, LowRank, write_lora
from measure import freehold, report

SHAPE = SyntheticModel("llama", 16, 2048, 8192, 32, 8, 64, vocabulary=128_256)
_ALLOWED = 500_000_000
_TIMES = 1.5
_FIELD = re.compile(r"^(RssAnon|VmHWM):\s+(\d+) kB", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=SHAPE.layers)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    options = parser.parse_args()
    shape = SyntheticModel(**{**SHAPE.__dict__, "layers": options.layers})
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        os.environ["FREEHOLD_HOME"] = str(at / "home")
        with (at / "big.gguf").open("wb") as file:
            write_synthetic(file, shape, "BF16")
        header = read_header(at / "big.gguf")
        largest = max(tensor.size for tensor in header.tensors)
        numbers = sum(tensor.elements for tensor in header.tensors)
        _write_adapter(at / "lora.gguf", at / "big.gguf")
        steps = {
            "a model into a checkpoint": _run("convert", at / "big.gguf", "--output", at / "hf"),
            "a checkpoint into a model": _run("convert", at / "hf", "--name", "as-it-is",
                                              "--unchecked", remove="as-it-is"),
            "a checkpoint into Q8_0": _run("convert", at / "hf", "--name", "rounded", "--unchecked",
                                           "--to", "Q8_0", remove="rounded"),
        }  # fmt: skip
        shutil.rmtree(at / "hf")
        steps["a model and an adapter into one"] = _run(
            "merge", at / "big.gguf", "--adapter", at / "lora.gguf", "--unmeasured",
            "--name", "merged", remove="merged",
        )  # fmt: skip
    most = int(_TIMES * largest + _ALLOWED)
    figures: dict[str, object] = {
        "numbers": numbers,
        "bytes": header.file_size,
        "largest_tensor": largest,
        "allowed_memory": most,
        "steps": steps,
    }
    met = all(step["with_mapped_files"] <= most for step in steps.values())
    bar = "peak memory under 1.5x the largest tensor plus 500 MB"
    return report("convert_cost", bar, figures, options.json, met=met)


def _run(*words: str | Path, remove: str | None = None) -> dict[str, float]:
    """A command's seconds and peaks in bytes; what it made is let go."""
    started = time.perf_counter()
    command = freehold("modify", *(str(word) for word in words))
    own = whole = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            found = _memory(process.pid)
            own = max(own, found.get("RssAnon", 0))
            whole = max(whole, found.get("VmHWM", 0))
            time.sleep(0.01)
        took = time.perf_counter() - started
        said = process.stderr.read().decode() if process.stderr else ""
    if process.returncode:
        sys.exit(said)
    if remove:
        subprocess.run(freehold("remove", remove, "--yes"), check=True, capture_output=True)
    return {"seconds": round(took, 1), "own_memory": own, "with_mapped_files": whole}


def _memory(process: int) -> dict[str, int]:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:  # it has just ended
        return {}
    return {name: 1024 * int(size) for name, size in _FIELD.findall(status)}


def _write_adapter(path: Path, model: Path) -> None:
    dice = np.random.default_rng(0)
    pairs = {}
    for tensor in read_header(model).tensors:
        if tensor.name.endswith(("attn_q.weight", "ffn_up.weight", "ffn_down.weight")):
            width, rows = tensor.shape
            a = dice.normal(0, 0.01, (8, width)).astype(np.float32)
            b = dice.normal(0, 0.01, (rows, 8)).astype(np.float32)
            pairs[tensor.name] = LowRank(a, b)
    with path.open("wb") as file:
        write_lora(file, Lora("llama", 16.0, pairs, name="Random"))


if __name__ == "__main__":
    raise SystemExit(main())
