"""A stand-in for llama-server where none is installed: the same command line, in front of the
server that xllamacpp holds. It knows the options that Freehold gives, and refuses all others.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import xllamacpp

Setter = Callable[[Any, str], None]


def put(*path: str, read: Callable[[str], Any] = int) -> Setter:
    """Set what a dotted path leads to."""

    def setter(wanted: Any, value: str) -> None:
        for name in path[:-1]:
            wanted = getattr(wanted, name)
        setattr(wanted, path[-1], read(value))

    return setter


def cache_type(value: str) -> Any:
    return getattr(xllamacpp.ggml_type, f"GGML_TYPE_{value.upper()}")


def flash(value: str) -> Any:
    word = {"on": "ENABLED", "off": "DISABLED"}[value]
    return getattr(xllamacpp.llama_flash_attn_type, f"LLAMA_FLASH_ATTN_TYPE_{word}")


def speculation(value: str) -> Any:
    name = value.upper().replace("-", "_")
    return [getattr(xllamacpp.common_speculative_type, f"COMMON_SPECULATIVE_TYPE_{name}")]


WITH_VALUE: dict[str, Setter] = {
    "--model": put("model", "path", read=str),
    "--host": put("hostnames", read=lambda value: [value]),
    "--port": put("port"),
    "--ctx-size": put("n_ctx"),
    "--parallel": put("n_parallel"),
    "--threads-http": put("n_threads_http"),
    "--batch-size": put("n_batch"),
    "--ubatch-size": put("n_ubatch"),
    "--threads": put("cpuparams", "n_threads"),
    "--threads-batch": put("cpuparams_batch", "n_threads"),
    "--flash-attn": put("flash_attn_type", read=flash),
    "--cache-type-k": put("cache_type_k", read=cache_type),
    "--cache-type-v": put("cache_type_v", read=cache_type),
    "--chat-template": put("chat_template", read=str),
    "--fit": put("fit_params", read=lambda value: value == "on"),
    "--cache-ram": put("cache_ram_mib"),
    "--log-verbosity": put("verbosity"),
    "--spec-type": put("speculative", "types", read=speculation),
    "--spec-ngram-simple-size-n": put("speculative", "ngram_simple", "size_n"),
    "--spec-ngram-simple-size-m": put("speculative", "ngram_simple", "size_m"),
}
ALONE: dict[str, Setter] = {
    "--no-repack": put("no_extra_bufts", read=bool),
    "--no-warmup": put("warmup", read=lambda _: False),
    "--no-ui": put("ui", read=lambda _: False),
    "--offline": put("offline", read=bool),
}


def main() -> int:
    words = sys.argv[1:]
    if words == ["--help"]:
        print("\n".join([*WITH_VALUE, *ALONE]))
        return 0
    if words == ["--version"]:
        print(f"version: {xllamacpp.__version__} (stand-in)")
        return 0
    wanted = xllamacpp.CommonParams()
    while words:
        word = words.pop(0)
        if word in WITH_VALUE:
            WITH_VALUE[word](wanted, words.pop(0))
        elif word in ALONE:
            ALONE[word](wanted, "yes")
        else:
            print(f"error: invalid argument: {word}")
            return 1
    if key := os.environ.get("LLAMA_API_KEY"):
        wanted.api_keys = [key]
    try:
        server = xllamacpp.Server(wanted)
    except RuntimeError:
        return 1
    signal.pause()
    return 1 if server else 0


if __name__ == "__main__":
    sys.exit(main())
