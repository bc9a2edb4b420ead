"""The engines to choose from: the one that came with Freehold, one built here, a llama-server.

Which one runs a model: what a command names, else the settings (FREEHOLD_ENGINE, `engine` in the
configuration file), else what `freehold engine use` chose, else the bundled one.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import EngineError, StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from freehold.engine.built import BuiltEngines
    from freehold.engine.interface import Engine, EngineIdentity
    from freehold.settings import Settings

BUNDLED, BUILT, LLAMA_SERVER = "bundled", "built", "llama-server"
NAMES = (BUNDLED, BUILT, LLAMA_SERVER)
_CHOICE = "chosen"
_SEEN = "seen.json"


@dataclass(frozen=True)
class AvailableEngine:
    """One row of `freehold engine list`."""

    name: str
    place: str
    """Where it is."""
    chosen: bool
    """Whether it runs models when a command names none."""
    identity: EngineIdentity | None = None
    trouble: str | None = None
    """Why it cannot be used, in a sentence; then there is no identity."""


def engines_folder(settings: Settings) -> Path:
    """Where engines are built, and which one was chosen."""
    return settings.home / "engines"


def engine_for(settings: Settings, name: str | None = None) -> Engine:
    """The engine of that name, or the one that is chosen. Nothing is started.

    A name with a path separator in it is the path of a llama-server. Raises UsageError for a name
    that is none, EngineError for an engine that is not here.
    """
    wanted = name or chosen_name(settings)
    if wanted == BUNDLED:
        from freehold.engine.llama_cpp import LlamaCppEngine

        return LlamaCppEngine()
    if wanted == BUILT:
        return built_engines(settings).engine()
    if wanted == LLAMA_SERVER or _is_path(wanted):
        return _llama_server(wanted)
    raise UsageError(
        f"There is no engine {wanted!r}.",
        f"Choose {', '.join(NAMES)}, or the path of a llama-server. See freehold engine list.",
    )


def chosen_name(settings: Settings) -> str:
    """The name of the engine that runs models when a command names none."""
    if settings.engine:
        return settings.engine
    try:
        kept = (engines_folder(settings) / _CHOICE).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return BUNDLED
    return kept or BUNDLED


def use_engine(settings: Settings, name: str) -> EngineIdentity:
    """From here on it runs models, once it has said what it is. Raises what `engine_for` does."""
    identity = identity_of(settings, engine_for(settings, name))
    path = engines_folder(settings) / _CHOICE
    if name == BUNDLED:
        path.unlink(missing_ok=True)
    else:
        kept = str(Path(name).expanduser().absolute()) if _is_path(name) else name
        _replace(path, kept + "\n")
    return identity


def remove_engine(settings: Settings, name: str) -> None:
    """Let the engine that was built here go; where it was chosen, the bundled one is again.

    Raises UsageError for the others: whoever brought them removes them.
    """
    if name != BUILT:
        raise UsageError(
            f"{name} was not built by Freehold, and is not removed by it.",
            "Only `freehold engine remove built` removes one.",
        )
    built_engines(settings).remove()
    if chosen_name(settings) == BUILT:
        (engines_folder(settings) / _CHOICE).unlink(missing_ok=True)


def available_engines(settings: Settings) -> tuple[AvailableEngine, ...]:
    """Every engine there is here, and the chosen one even where it is not."""
    chosen = chosen_name(settings)
    return tuple(_look(settings, name, chosen) for name in _names(settings, chosen))


def identity_of(settings: Settings, engine: Engine) -> EngineIdentity:
    """Which engine it is, exactly: the key to what was measured with it.

    An engine is asked once (a fifth of a second) and remembered for as long as its files are the
    same: afterwards this costs next to nothing. Raises EngineError.
    """
    from freehold.engine.interface import EngineIdentity

    path = engines_folder(settings) / _SEEN
    fingerprint = engine.fingerprint()
    seen = _read_seen(path)
    if fingerprint in seen:
        version, *instructions = seen[fingerprint]
        return EngineIdentity(engine.name, version, tuple(instructions))
    identity = engine.identity()
    others = {key: known for key, known in seen.items() if not key.startswith(f"{engine.name} ")}
    entry = {fingerprint: [identity.version, *identity.instructions]}
    _replace(path, json.dumps(others | entry, indent=1) + "\n")
    return identity


def built_engines(settings: Settings) -> BuiltEngines:
    """The engines that were built for this store."""
    from freehold.engine.built import BuiltEngines

    return BuiltEngines(engines_folder(settings))


def _names(settings: Settings, chosen: str) -> Iterator[str]:
    from freehold.engine.llama_server import find_llama_server

    yield BUNDLED
    if built_engines(settings).exists() or chosen == BUILT:
        yield BUILT
    if find_llama_server() is not None or chosen == LLAMA_SERVER:
        yield LLAMA_SERVER
    if chosen not in NAMES:
        yield chosen


def _look(settings: Settings, name: str, chosen: str) -> AvailableEngine:
    try:
        engine = engine_for(settings, name)
        place = engine.place()
        return AvailableEngine(name, place, name == chosen, identity_of(settings, engine))
    except (EngineError, UsageError) as error:
        return AvailableEngine(name, "", name == chosen, trouble=error.message)


def _llama_server(wanted: str) -> Engine:
    from freehold.engine.llama_server import LlamaServerEngine, find_llama_server

    if _is_path(wanted):
        program = Path(wanted).expanduser().absolute()
        if not program.is_file():
            raise EngineError(f"There is no llama-server at {program}.")
        return LlamaServerEngine(program, name=str(program))
    found = find_llama_server()
    if found is None:
        raise EngineError(
            "No llama-server is on the PATH.",
            "Install llama.cpp (brew, winget, a release of its own), or name one by its path.",
        )
    return LlamaServerEngine(found)


def _is_path(name: str) -> bool:
    return "/" in name or os.sep in name


def _read_seen(path: Path) -> dict[str, list[str]]:
    """What engines have said; empty when it was not kept, or not by us."""
    try:
        seen = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return seen if isinstance(seen, dict) else {}


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        temporary.unlink(missing_ok=True)
