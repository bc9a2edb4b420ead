"""The tasks that come with Freehold, and what a word on the command line means."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).with_name("tasks")


def shipped_tasks() -> tuple[str, ...]:
    """Their names."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def task_path(word: str) -> Path:
    """The file of a task: one that comes with Freehold, by its name, or any by its path."""
    path = Path(word).expanduser()
    if word in shipped_tasks() and not path.is_file():
        return _FOLDER / f"{word}.yaml"
    return path
