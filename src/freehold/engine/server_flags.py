"""A load plan as llama-server's options. Its `--help` says which of them this build has.

Builds differ by the week. What a plan asks for and the build lacks is an error; what only makes it
quieter or more private is left out where it does not exist.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from freehold.engine.guest import environment
from freehold.engine.load_plan import LoadPlan, Speculation
from freehold.errors import EngineError

OTHER_ENGINE = "Update it the way it was installed, or choose another: freehold engine list"
"""What to try when a llama-server cannot do it."""

_PATIENCE_SECONDS = 30
_OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")

_QUIET = (
    ("--offline",),
    ("--fit", "off"),  # it would quietly shrink the context, and load everything twice
    ("--no-context-shift",),  # it would quietly forget the beginning of a conversation
    ("--cache-ram", "0"),  # otherwise up to 8 GiB of old prompts that nobody counted
    ("--no-ui",),
    ("--no-slots",),
    ("--jinja",),
    ("--log-colors", "off"),
    ("--log-verbosity", "1"),  # errors only: the log is there to say why, not to record requests
)


@dataclass(frozen=True)
class ServerHelp:
    """What one llama-server says of itself."""

    version: str
    options: frozenset[str]


def ask_server(program: Path) -> ServerHelp:
    """Its version and options; asked once for each file. Raises EngineError."""
    try:
        state = program.stat()
    except OSError as error:
        raise EngineError(f"{program} cannot be started: {error.strerror}.") from error
    return _ask(program, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _ask(program: Path, _modified: int, _size: int) -> ServerHelp:
    options = frozenset(_OPTION.findall(_output(program, "--help")))
    if "--model" not in options or "--ctx-size" not in options:
        raise EngineError(f"{program} is no llama-server: its --help knows no --ctx-size.")
    found = re.search(r"version: *(.+)", _output(program, "--version"))
    return ServerHelp(found[1].strip() if found else "unknown", options)


def _output(program: Path, option: str) -> str:
    try:
        done = subprocess.run(
            [program, option],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(),
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except OSError as error:
        raise EngineError(f"{program} cannot be started: {error.strerror}.") from error
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"{program} {option} did not end in {_PATIENCE_SECONDS} s.") from error
    return done.stdout.decode("utf-8", "replace")


def flags(plan: LoadPlan, known: ServerHelp) -> list[str]:
    """The words of the command line, but for the model. Raises EngineError for what this build
    cannot do.
    """
    words: list[str] = []
    for flag, *value in _wanted(plan):
        if flag not in known.options:
            raise EngineError(
                f"This llama-server ({known.version}) has no {flag}, which the plan needs.",
                OTHER_ENGINE,
            )
        words += [flag, *value]
    for flag, *value in _QUIET:
        if flag in known.options:
            words += [flag, *value]
    return words


def _wanted(plan: LoadPlan) -> Iterator[tuple[str, ...]]:
    yield "--ctx-size", str(plan.context * plan.parallel)  # shared out among the slots
    yield "--parallel", str(plan.parallel)
    yield "--threads-http", str(2 * plan.parallel + 6)  # each answer under way keeps one busy
    yield "--batch-size", str(plan.batch)
    if plan.threads:
        yield "--threads", str(plan.threads)
    if plan.batch_threads or plan.threads:
        yield "--threads-batch", str(plan.batch_threads or plan.threads)
    yield from _memory(plan)
    if plan.chat_template is not None:
        yield "--chat-template", plan.chat_template
    if not plan.repack:
        yield ("--no-repack",)
    if not plan.memory_map:
        yield "--load-mode", "none"
    if not plan.warm_up:
        yield ("--no-warmup",)
    if plan.speculation:
        yield from _speculation(plan.speculation)
    yield from _additions(plan)
    yield from _purpose(plan)


def _additions(plan: LoadPlan) -> Iterator[tuple[str, ...]]:
    for flag, files in (("--lora", plan.adapters), ("--control-vector", plan.vectors)):
        for each in files:
            path = str(each.path.absolute())
            if "," in path or (":" in path and each.scale != 1):  # its marks in a list
                raise EngineError(
                    f"llama-server cannot be told of {path}: there is a comma or a colon in it.",
                    "Keep the store in a folder without, or choose another engine.",
                )
            yield (flag, path) if each.scale == 1 else (f"{flag}-scaled", f"{path}:{each.scale!r}")


def _memory(plan: LoadPlan) -> Iterator[tuple[str, ...]]:
    if plan.micro_batch:
        yield "--ubatch-size", str(plan.micro_batch)
    if plan.flash_attention is not None:
        yield "--flash-attn", "on" if plan.flash_attention else "off"
    if plan.key_type != "F16":
        yield "--cache-type-k", plan.key_type.lower()
    if plan.value_type != "F16":
        yield "--cache-type-v", plan.value_type.lower()


def _purpose(plan: LoadPlan) -> Iterator[tuple[str, ...]]:
    if plan.states is not None:
        yield "--slot-save-path", str(plan.states.absolute())
    if plan.projector is not None:
        yield "--mmproj", str(plan.projector.absolute())
    if plan.purpose == "embed":
        yield ("--embeddings",)
    if plan.purpose == "rerank":
        yield ("--reranking",)
    if plan.pooling is not None:
        yield "--pooling", plan.pooling


def _speculation(wanted: Speculation) -> Iterator[tuple[str, ...]]:
    yield "--spec-type", f"ngram-{wanted.kind}"
    names = {"match": "size-n", "longest": "size-m", "hits": "min-hits"}
    for ours, theirs in names.items():
        if size := getattr(wanted, ours):
            yield f"--spec-ngram-{wanted.kind}-{theirs}", str(size)
