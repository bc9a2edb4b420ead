"""Where things live and what the owner has chosen: environment first, then the configuration file.

`FREEHOLD_HOME` moves everything. Without it, the platform's own conventions hold. Nothing here
creates a folder: whoever writes does.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.errors import UsageError

CONFIG_NAME = "config.toml"


@dataclass(frozen=True)
class Settings:
    """Everything that can be set, resolved once at the start of a command."""

    home: Path
    """The store: blobs, ledger, records (FREEHOLD_HOME)."""
    default_model: str | None = None
    """What `run` uses when no model is named (FREEHOLD_MODEL; `default_model`)."""
    threads: int | None = None
    """Threads for the engine; None lets it choose (FREEHOLD_THREADS; `threads`)."""
    engine: str | None = None
    """What runs models: bundled, built, llama-server or the path of one; None: what
    `freehold engine use` chose (FREEHOLD_ENGINE; `engine`)."""
    hf_endpoint: str = "https://huggingface.co"
    """The Hub that `hf:` references are looked up on (HF_ENDPOINT; `hf_endpoint`)."""
    hf_token: str | None = None
    """A token for gated repositories (HF_TOKEN). Never written anywhere by Freehold."""
    key: str | None = None
    """A key for the server that runs here (FREEHOLD_KEY). Never written anywhere by Freehold."""
    limit: str | None = None
    """A bandwidth cap for fetching, such as 5MB/s (FREEHOLD_LIMIT; `limit`)."""
    peers: bool = True
    """Whether `get` asks the peers that the owner trusts (FREEHOLD_PEERS; `peers`)."""

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the environment and the configuration file. Raises UsageError on a bad value."""
        env = os.environ if environment is None else environment
        home = _home(env)
        file = _read_config(home / CONFIG_NAME)
        return cls(
            home=home,
            default_model=env.get("FREEHOLD_MODEL") or _text(file, "default_model"),
            threads=_count("FREEHOLD_THREADS", env.get("FREEHOLD_THREADS") or file.get("threads")),
            engine=env.get("FREEHOLD_ENGINE") or _text(file, "engine"),
            hf_endpoint=(
                env.get("HF_ENDPOINT") or _text(file, "hf_endpoint") or cls.hf_endpoint
            ).rstrip("/"),
            hf_token=env.get("HF_TOKEN") or None,
            key=env.get("FREEHOLD_KEY") or None,
            limit=env.get("FREEHOLD_LIMIT") or _text(file, "limit"),
            peers=_switch("FREEHOLD_PEERS", env.get("FREEHOLD_PEERS") or file.get("peers", True)),
        )


def _home(env: Mapping[str, str]) -> Path:
    if chosen := env.get("FREEHOLD_HOME"):
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path  # only paid for when nothing was chosen

    return user_data_path("freehold", appauthor=False)


def _read_config(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not valid TOML: {error}.", "Mend or remove that file."
        ) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def _text(file: dict[str, Any], key: str) -> str | None:
    value = file.get(key)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"`{key}` in {CONFIG_NAME} must be text, not {value!r}.")
    return value


def _switch(name: str, value: object) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    try:
        return words[str(value).lower()]
    except KeyError as error:
        raise UsageError(f"{name} must be 1 or 0, not {value!r}.") from error


def _count(name: str, value: object) -> int | None:
    if value is None:
        return None
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number < 1:
        raise UsageError(f"{name} must be a whole number above zero, not {value!r}.")
    return number
