"""Which system this is, and what its service runs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence

from freehold.actions.service.interface import Service
from freehold.actions.service.launchd import Launchd
from freehold.actions.service.systemd import Systemd
from freehold.errors import UsageError

_PASSED_ON = ("FREEHOLD_HOME", "FREEHOLD_MODEL", "FREEHOLD_THREADS", "FREEHOLD_ENGINE")
"""What the service must see of the environment it was installed from. No tokens, no keys."""


def service() -> Service:
    """This system's. Raises UsageError where there is none that Freehold knows."""
    if sys.platform == "darwin":
        return Launchd()
    if sys.platform.startswith("linux") and shutil.which("systemctl"):
        return Systemd()
    raise UsageError(
        "Freehold knows systemd and launchd, and this system has neither.",
        "Let your system run `freehold serve` at log-in (on Windows: Task Scheduler).",
    )


def serve_command(options: Sequence[str]) -> list[str]:
    """The command line that the service runs: this Python, so that it finds this Freehold."""
    return [sys.executable, "-m", "freehold", "serve", *options]


def passed_on(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The part of the environment that the service needs."""
    found = os.environ if environment is None else environment
    return {name: found[name] for name in _PASSED_ON if found.get(name)}
