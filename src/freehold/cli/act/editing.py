"""A text in its owner's editor, and back."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from freehold.errors import UsageError


def edited(text: str) -> str:
    """What the editor leaves of it. Raises UsageError where there is none to open, or it fails."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not command:
        if not sys.stdin.isatty():
            raise UsageError("There is no editor to open.", "EDITOR names one: EDITOR=nano")
        command = "notepad" if os.name == "nt" else "vi"
    with tempfile.TemporaryDirectory(prefix="freehold-") as folder:  # the owner's alone
        path = Path(folder, "script.txt")
        path.write_text(text + "\n", encoding="utf-8")
        words = [command] if os.name == "nt" else shlex.split(command)
        try:
            done = subprocess.run([*words, str(path)])
        except (OSError, ValueError) as error:
            raise UsageError(
                f"The editor {command!r} does not start: {error}.", "EDITOR names another."
            ) from error
        if done.returncode:
            raise UsageError(
                f"The editor ended with {done.returncode}, so nothing was taken.", "Try again."
            )
        changed = path.read_text(encoding="utf-8", errors="replace").strip()
    if not changed:
        raise UsageError("The text was emptied, so there is nothing to say.", "Try again.")
    return changed
