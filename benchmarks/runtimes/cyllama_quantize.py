"""llama.cpp's own quantizer, as cyllama binds it: FROM TO NUMBER THREADS; prints the seconds."""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    from cyllama.llama.llama_cpp import LlamaModelQuantizeParams, model_quantize

    source, target, number, threads = sys.argv[1:]
    params = LlamaModelQuantizeParams()
    params.ftype = int(number)
    params.nthread = int(threads)
    began = time.perf_counter()
    model_quantize(source, target, params)
    seconds = time.perf_counter() - began
    os.write(1, f"{seconds}\n".encode())


main()
