"""launchd, by its own commands. No rights beyond the user's are asked for."""

from __future__ import annotations

import os
import plistlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from freehold.actions.service.command import ask_system
from freehold.actions.service.interface import Status
from freehold.store.durable import delete, storage_errors, write_durably

_LABEL = "org.freehold.serve"
_GONE = frozenset({0, 3, 5, 36, 113})
"""What launchctl exits with when there is nothing to unload any more: versions differ."""
_THERE = frozenset({0, 5, 37})
"""What it exits with when it is loaded already."""


@dataclass(frozen=True)
class Launchd:
    """An agent of launchd."""

    folder: Path = field(default_factory=lambda: Path.home() / "Library" / "LaunchAgents")
    log: Path = field(default_factory=lambda: Path.home() / "Library" / "Logs" / "freehold.log")

    @property
    def file(self) -> Path:
        """The property list."""
        return self.folder / f"{_LABEL}.plist"

    def install(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Write the agent and load it; one that is loaded already is replaced."""
        with storage_errors("write the service's file"):
            write_durably(self.file, agent(command, environment, self.log))
            self.log.parent.mkdir(parents=True, exist_ok=True)
        ask_system(["launchctl", "bootout", f"{self._domain}/{_LABEL}"], _GONE)
        ask_system(["launchctl", "bootstrap", self._domain, str(self.file)])

    def remove(self) -> bool:
        """Unload it and remove the file."""
        if not self.file.exists():
            return False
        ask_system(["launchctl", "bootout", f"{self._domain}/{_LABEL}"], _GONE)
        return delete(self.file)

    def start(self) -> None:
        """Load it."""
        ask_system(["launchctl", "bootstrap", self._domain, str(self.file)], _THERE)

    def stop(self) -> None:
        """Unload it; the next log-in loads it again."""
        ask_system(["launchctl", "bootout", f"{self._domain}/{_LABEL}"], _GONE)

    def status(self) -> Status:
        """What `print` says of its state."""
        words = ask_system(["launchctl", "print", f"{self._domain}/{_LABEL}"], {0, 113})
        state = next(
            (row.split("=")[1].strip() for row in words.splitlines() if "state =" in row),
            "not loaded",
        )
        return Status(self.file.exists(), state == "running", state)

    def logs(self, lines: int) -> str:
        """From its log file."""
        with storage_errors("read the log"):
            try:
                text = self.log.read_text(encoding="utf-8", errors="replace")
            except FileNotFoundError:
                return ""
        return "\n".join(text.splitlines()[-lines:])

    @property
    def _domain(self) -> str:
        return f"gui/{os.getuid() if sys.platform != 'win32' else 0}"


def agent(command: Sequence[str], environment: Mapping[str, str], log: Path) -> bytes:
    """The property list of a launchd agent."""
    return plistlib.dumps(
        {
            "Label": _LABEL,
            "ProgramArguments": list(command),
            "EnvironmentVariables": dict(environment),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ProcessType": "Interactive",
            "Umask": 0o077,
            "StandardOutPath": str(log),
            "StandardErrorPath": str(log),
        }
    )
