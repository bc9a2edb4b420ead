"""Whether what this room needs is there, and where it computes. Asking loads none of it."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from freehold.errors import UsageError

NEEDED = ("torch", "transformers", "peft", "gguf", "accelerate")
"""What the extra installs."""
_COMMAND = 'pip install "freehold[torch]"'


def check_installed() -> None:
    """Raise UsageError with the command that installs it."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"--with torch needs {', '.join(missing)}, which freehold does without.",
            f"Install it: {_COMMAND}. Without --with, training needs nothing more.",
        )


def versions() -> str:
    """Which ones there are, for a recipe: `torch 2.9.1, transformers 5.23.0`."""
    return ", ".join(f"{name} {_version(name)}" for name in NEEDED[:3])


def loaded() -> tuple[Any, Any, Any]:
    """torch, transformers and PEFT, told to stay silent and to fetch nothing.

    Raises UsageError where they are not installed.
    """
    check_installed()
    os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TQDM_DISABLE="1")
    import torch
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    import peft

    return torch, transformers, peft


def device_of(torch: Any, wanted: str | None) -> Any:
    """The device asked for, or the quickest that there is. Raises UsageError where it is not."""
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    found = wanted or next(name for name, is_there in there.items() if is_there)
    if not there[found]:
        raise UsageError(
            f"torch sees no {found} device here.",
            f"It sees {', '.join(name for name, is_there in there.items() if is_there)}.",
        )
    return torch.device(found)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "of unknown version"
