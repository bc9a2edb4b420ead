"""systemd, by its own commands. No rights beyond the user's are asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from freehold.actions.service.command import ask_system
from freehold.actions.service.interface import Status
from freehold.errors import UsageError
from freehold.store.durable import delete, storage_errors, write_durably

_UNIT = "freehold.service"


@dataclass(frozen=True)
class Systemd:
    """A user unit of systemd."""

    folder: Path = field(
        default_factory=lambda: (
            Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
        )
    )

    @property
    def file(self) -> Path:
        """The unit file."""
        return self.folder / _UNIT

    def install(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Write the unit, enable it and start it."""
        with storage_errors("write the service's file"):
            write_durably(self.file, unit(command, environment).encode())
        self._ask("daemon-reload")
        self._ask("enable", _UNIT)
        self._ask("restart", _UNIT)  # a running one takes on what has changed

    def remove(self) -> bool:
        """Disable and stop it, and remove the unit."""
        if not self.file.exists():
            return False
        self._ask("disable", "--now", _UNIT)
        delete(self.file)
        self._ask("daemon-reload")
        return True

    def start(self) -> None:
        """Start it."""
        self._ask("start", _UNIT)

    def stop(self) -> None:
        """Stop it."""
        self._ask("stop", _UNIT)

    def status(self) -> Status:
        """What `is-active` says."""
        words = ask_system(["systemctl", "--user", "is-active", _UNIT], {0, 1, 3, 4}).strip()
        return Status(self.file.exists(), words == "active", words)

    def logs(self, lines: int) -> str:
        """From the journal."""
        unit_name = f"--user-unit={_UNIT}"
        return ask_system(
            ["journalctl", unit_name, f"--lines={lines}", "--no-pager", "--output=cat"]
        )

    def _ask(self, *words: str) -> None:
        ask_system(["systemctl", "--user", *words])


def unit(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """The text of a systemd unit.

    The sandbox options are those that a user's manager can keep without further rights.
    """
    lines = [
        "[Unit]",
        "Description=Freehold: AI models on this machine, for this user",
        "",
        "[Service]",
        "Type=exec",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in environment.items()),
        # Variables are put in everywhere but in the program's own name.
        f"ExecStart={' '.join([_quoted(command[0]), *(_quoted(w, '$') for w in command[1:])])}",
        "Restart=on-failure",
        "RestartSec=2",
        "TimeoutStopSec=30",
        "NoNewPrivileges=yes",
        "UMask=0077",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(lines) + "\n"


def _quoted(word: str, doubled: str = "") -> str:
    """A word as systemd reads it: in quotes, with its own signs doubled."""
    if "\n" in word or "\r" in word:
        raise UsageError("A service's command cannot have line breaks in it.")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    for sign in "%" + doubled:
        escaped = escaped.replace(sign, sign * 2)
    return f'"{escaped}"'
