"""Free memory: the machine's, or a container's where that is less."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from freehold.device import memory as room


def test_it_agrees_with_the_system() -> None:
    found = room.memory()
    assert 0 < found.available <= found.total <= psutil.virtual_memory().total


def test_the_proc_file_and_psutil_agree() -> None:
    if not Path("/proc/meminfo").exists():
        pytest.skip("no /proc/meminfo on this system")
    assert room._linux_memory(Path("/proc/meminfo")).total == psutil.virtual_memory().total


def _cgroup(root: Path, limit: str) -> Path:
    (root / "memory.max").write_text(limit + "\n")
    (root / "memory.current").write_text("3000000000\n")
    (root / "memory.stat").write_text("anon 1000000000\ninactive_file 2000000000\n")
    return root


def test_a_container_limit_counts_without_what_can_be_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_CGROUP", _cgroup(tmp_path, "1500000000"))
    found = room.memory()
    assert found.total == 1_500_000_000
    assert found.available == 500_000_000


@pytest.mark.parametrize("limit", ["max", "9223372036854771712"])
def test_no_limit_is_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(room, "_CGROUP", _cgroup(tmp_path, limit))
    assert room.memory().total == psutil.virtual_memory().total


def test_a_missing_counter_leaves_the_machines_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_CGROUP", tmp_path)
    assert room.memory().total == psutil.virtual_memory().total
