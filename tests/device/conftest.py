"""Other machines to probe: folders with the files in which their systems tell of themselves.

The texts in recorded/ are what such machines print. The folders around them are laid out as the
kernel lays them out, with as much as a probe may ask for.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

RECORDED = Path(__file__).parent / "recorded"

Tree = Callable[[dict[str, str]], Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """`tree({"proc/meminfo": "..."})` writes the files and gives back the root they are in."""
    root = tmp_path / "machine"
    root.mkdir()

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        return root

    return write


def recorded(name: str) -> str:
    """A text of recorded/."""
    return (RECORDED / name).read_text()


def topology(cores: list[tuple[int, ...]]) -> dict[str, str]:
    """The kernel's files for physical cores with these logical ones."""
    cpu = "sys/devices/system/cpu"
    files = {f"{cpu}/online": f"0-{max(max(each) for each in cores)}"}
    for siblings in cores:
        for one in siblings:
            together = ",".join(map(str, siblings))
            files[f"{cpu}/cpu{one}/topology/thread_siblings_list"] = together
    return files
