"""The child process: load one model, serve it, and go when whoever started it goes.

Run as a script by `worker_process.py` with the smallest Python there is, so it imports nothing of
Freehold. It reads one line of JSON, the plan, from standard input; answers with one line on
standard output once llama.cpp's own HTTP server is ready; then answers control lines until
standard input ends. llama.cpp writes to descriptor 1 when it likes, so that is given over to the
log first and the answers go to a copy of the original.

It doesn't know requests: those go straight to the HTTP server, past Python. The binding holds the
interpreter while it loads, so a worker whose parent is killed meanwhile goes when that ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any, BinaryIO

_READ_OPTIONS = "_Z19common_params_parseiPPcR13common_params13llama_examplePFviS0_E"
_NO_VECTORS = "this build of the binding takes no control vectors"


def main() -> None:
    """Load, serve, leave."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to understand
    _leave_no_core_dump()
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    plan = json.loads(sys.stdin.buffer.readline() or b"null")
    if plan is None:  # the parent changed its mind
        os._exit(0)
    server, first = _serve(plan)
    heard = _tell(answers, first)
    if server is None and heard:
        return  # in the orderly way, so that llama.cpp finishes its log
    for line in sys.stdin.buffer:
        _tell(answers, _control(json.loads(line)))
    _clear(plan["folder"])
    os._exit(0)  # at once: nothing here needs to be put in order


def _serve(plan: dict[str, Any]) -> tuple[object, dict[str, Any]]:
    sys.path.append(plan["packages"])
    began = time.perf_counter()
    try:
        import xllamacpp
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent shall hear of it
        return None, {"broken": f"{type(error).__name__}: {error}"}
    imported = time.perf_counter()
    try:
        server = xllamacpp.Server(_parameters(xllamacpp, plan))
    except (RuntimeError, ValueError, TypeError, OverflowError, MemoryError) as error:
        return None, {"refused": f"{type(error).__name__}: {error}"}
    return server, {
        "address": server.listening_address,
        "import_seconds": imported - began,
        "load_seconds": time.perf_counter() - imported,
    }


def _parameters(xllamacpp: Any, plan: dict[str, Any]) -> Any:
    wanted = xllamacpp.CommonParams()
    wanted.model.path = plan["weights"]
    wanted.hostnames = [plan["listen"]]
    if plan["key"]:
        wanted.api_keys = [plan["key"]]
    wanted.n_ctx = plan["context"] * plan["parallel"]  # llama.cpp shares it out among the slots
    wanted.n_parallel = plan["parallel"]
    wanted.n_threads_http = 2 * plan["parallel"] + 6  # each answer under way keeps one busy
    if plan["threads"]:
        wanted.cpuparams.n_threads = plan["threads"]
    if plan["batch_threads"]:
        wanted.cpuparams_batch.n_threads = plan["batch_threads"]
    if plan["chat_template"] is not None:
        wanted.chat_template = plan["chat_template"]
    wanted.warmup = plan["warm_up"]
    if not plan["memory_map"]:
        wanted.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    if plan["projector"]:
        wanted.mmproj.path = plan["projector"]
    if plan["states"]:
        os.umask(0o077)  # what is kept there was said in confidence
        wanted.slot_save_path = os.path.join(plan["states"], "")  # noqa: PTH118
    wanted.lora_adapters = [_adapter(xllamacpp, *each) for each in plan["adapters"]]
    if plan["vectors"]:
        _add_vectors(xllamacpp, wanted, plan)
    _tune(xllamacpp, wanted, plan)
    _set_purpose(xllamacpp, wanted, plan)
    wanted.fit_params = False  # it would quietly shrink the context, and load everything twice
    wanted.ctx_shift = False  # it would quietly forget the beginning of a conversation
    wanted.cache_ram_mib = 0  # otherwise up to 8 GiB of old prompts that nobody counted
    wanted.n_ctx_checkpoints = 3  # else up to 32 copies of windows and states, not counted either
    wanted.ui = False
    wanted.endpoint_slots = False
    wanted.offline = True
    wanted.verbosity = 1  # errors only: the log is there to say why, not to record requests
    return wanted


def _adapter(xllamacpp: Any, path: str, scale: float) -> Any:
    adapter = xllamacpp.CommonAdapterLoraInfo()
    adapter.path, adapter.scale = path, scale
    return adapter


def _add_vectors(xllamacpp: Any, wanted: Any, plan: dict[str, Any]) -> None:
    """Control vectors, which the binding has no name for, by llama.cpp's own reader of options.

    It is inside the binding's library where that shows its names, as on Linux and macOS. The
    parameters are its C++ structure, kept in the Python object; that it was found is proven by
    three marks before, and by what the reader wrote to it after.
    """
    import ctypes
    import struct

    try:
        library = ctypes.CDLL(xllamacpp.xllamacpp.__file__)
        read = library[_READ_OPTIONS]
    except (OSError, AttributeError) as error:
        raise RuntimeError(_NO_VECTORS) from error
    first, last = 1, 0x7FFFFF
    words = ["worker", "--model", plan["weights"]]
    for path, scale in plan["vectors"]:
        words += ["--control-vector-scaled", f"{path}:{scale!r}"]
    words += ["--control-vector-layer-range", str(first), str(last)]
    before = (wanted.n_predict, wanted.n_ctx, wanted.n_batch)
    marks = (0x2A11C0D, 0x2B22C0D, 0x2C33C0D)
    wanted.n_predict, wanted.n_ctx, wanted.n_batch = marks
    inside = ctypes.string_at(id(wanted), type(wanted).__basicsize__)
    at = inside.find(struct.pack("=3i", *marks))
    wanted.n_predict, wanted.n_ctx, wanted.n_batch = before
    if at < 0:
        raise RuntimeError(_NO_VECTORS)
    texts = (ctypes.c_char_p * len(words))(*(word.encode() for word in words))
    read.restype = ctypes.c_bool
    done = read(len(words), texts, ctypes.c_void_p(id(wanted) + at), 0, None)
    if not done or (wanted.control_vector_layer_start, wanted.control_vector_layer_end) != (
        first,
        last,
    ):
        raise RuntimeError(_NO_VECTORS)


def _tune(xllamacpp: Any, wanted: Any, plan: dict[str, Any]) -> None:
    wanted.n_batch = plan["batch"]
    if plan["micro_batch"]:
        wanted.n_ubatch = plan["micro_batch"]
    if plan["flash_attention"] is not None:
        attention = xllamacpp.llama_flash_attn_type
        on, off = attention.LLAMA_FLASH_ATTN_TYPE_ENABLED, attention.LLAMA_FLASH_ATTN_TYPE_DISABLED
        wanted.flash_attn_type = on if plan["flash_attention"] else off
    wanted.cache_type_k = getattr(xllamacpp.ggml_type, f"GGML_TYPE_{plan['key_type']}")
    wanted.cache_type_v = getattr(xllamacpp.ggml_type, f"GGML_TYPE_{plan['value_type']}")
    wanted.no_extra_bufts = not plan["repack"]
    if plan["speculation"]:
        _speculate(xllamacpp, wanted.speculative, plan["speculation"])


def _set_purpose(xllamacpp: Any, wanted: Any, plan: dict[str, Any]) -> None:
    if plan["purpose"] == "answer":
        return
    wanted.embedding = True
    pooling = "rank" if plan["purpose"] == "rerank" else plan["pooling"]
    if pooling:
        name = f"LLAMA_POOLING_TYPE_{pooling.upper()}"
        wanted.pooling_type = getattr(xllamacpp.llama_pooling_type, name)


def _speculate(xllamacpp: Any, wanted: Any, speculation: dict[str, Any]) -> None:
    kind = "NGRAM_" + speculation["kind"].upper().replace("-", "_")
    wanted.types = [getattr(xllamacpp.common_speculative_type, f"COMMON_SPECULATIVE_TYPE_{kind}")]
    names = {"match": "size_n", "longest": "size_m", "hits": "min_hits"}
    sizes = getattr(wanted, kind.lower())
    for ours, theirs in names.items():
        if speculation[ours]:
            setattr(sizes, theirs, speculation[ours])


def _control(request: dict[str, Any]) -> dict[str, Any]:
    if request.get("op") == "peak_memory":
        return {"bytes": _peak_memory()}
    return {"error": f"no such operation: {request.get('op')}"}


def _peak_memory() -> int:
    if sys.platform == "linux":
        # Not getrusage: its peak is inherited from the parent when a process is started.
        with open("/proc/self/status", "rb") as status:  # noqa: PTH123 - pathlib isn't loaded here
            for line in status:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def _leave_no_core_dump() -> None:
    """A crash must not write conversations to the disk."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _tell(answers: BinaryIO, what: dict[str, Any]) -> bool:
    """Whether anybody is left to hear it."""
    try:
        answers.write(json.dumps(what).encode() + b"\n")
    except BrokenPipeError:
        return False
    return True


def _clear(folder: str) -> None:
    """Remove the private folder. The parent does the same: whoever is left does it."""
    try:
        for name in os.listdir(folder):  # noqa: PTH208 - pathlib isn't loaded here
            os.unlink(os.path.join(folder, name))  # noqa: PTH108, PTH118
        os.rmdir(folder)  # noqa: PTH106
    except OSError:
        return  # the parent was quicker, or will be


if __name__ == "__main__":
    main()
