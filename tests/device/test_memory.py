"""Free memory: the machine's, or a container's where that is less."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from tests.device.conftest import Tree

from freehold.device.memory import Memory, memory

GB = 1_000_000_000
V2 = "30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"
V1 = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
MEMINFO = """\
MemTotal:       16000000 kB
MemFree:         1000000 kB
MemAvailable:    8000000 kB
SwapTotal:       4000000 kB
SwapFree:        3000000 kB"""


def _v2(limit: str, used: int = 3 * GB, droppable: int = 2 * GB) -> dict[str, str]:
    return {
        "memory.max": limit,
        "memory.current": str(used),
        "memory.stat": f"anon 1000000000\ninactive_file {droppable}",
    }


def _in(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"sys/fs/cgroup/{folder}/{name}": text for name, text in files.items()}


@pytest.fixture
def container(tree: Tree) -> Tree:
    """A machine with 16 GB, whose process is in the group /pod/job of version 2."""

    def write(files: dict[str, str]) -> Path:
        usual = {
            "proc/meminfo": MEMINFO,
            "proc/self/cgroup": "0::/pod/job",
            "proc/self/mountinfo": V2,
        }
        return tree(usual | files)

    return write


def test_it_agrees_with_the_system() -> None:
    found = memory()
    assert 0 < found.available <= found.total <= psutil.virtual_memory().total


def test_the_proc_file_and_psutil_agree(tree: Tree) -> None:
    if not Path("/proc/meminfo").exists():
        pytest.skip("no /proc/meminfo on this system")
    read = memory(tree({"proc/meminfo": Path("/proc/meminfo").read_text()}))
    asked = memory(tree({"proc/meminfo": "MemTotal: 5 kB"}))  # not enough to go by
    assert (read.total, read.swap_total) == (asked.total, asked.swap_total)


def test_no_control_group(tree: Tree) -> None:
    found = memory(tree({"proc/meminfo": MEMINFO}))
    unit = 1024
    assert found == Memory(16_000_000 * unit, 8_000_000 * unit, 4_000_000 * unit, 3_000_000 * unit)


def test_a_container_limit_counts_without_what_can_be_dropped(container: Tree) -> None:
    found = memory(container(_in("pod/job", _v2("1500000000"))))
    assert (found.total, found.available) == (1_500_000_000, 500_000_000)
    assert found.limited


@pytest.mark.parametrize("level", ["pod", "pod/job"])
def test_the_tightest_group_around_us_counts(container: Tree, level: str) -> None:
    files = _in("pod", _v2("4000000000")) | _in("pod/job", _v2("max"))
    found = memory(container(files | _in(level, _v2(str(2 * GB), used=GB, droppable=0))))
    assert (found.total, found.available) == (2 * GB, GB)


def test_the_group_around_may_be_fuller_than_ours(container: Tree) -> None:
    pod = _in("pod", _v2(str(4 * GB), used=4 * GB, droppable=0))
    job = _in("pod/job", _v2(str(2 * GB), used=GB, droppable=0))
    found = memory(container(pod | job))
    assert (found.total, found.available) == (2 * GB, 0)


def test_where_the_kernel_slows_a_group_down_is_a_limit_too(container: Tree) -> None:
    files = _in("pod/job", _v2("max", used=0, droppable=0) | {"memory.high": str(3 * GB)})
    assert memory(container(files)).total == 3 * GB


def test_version_1_knows_limits_outside_of_the_container(tree: Tree) -> None:
    group = {
        "memory.limit_in_bytes": "9223372036854771712",
        "memory.usage_in_bytes": str(GB),
        "memory.stat": f"hierarchical_memory_limit {3 * GB}\ntotal_inactive_file 250000000",
    }
    files = {f"sys/fs/cgroup/memory/job/{name}": text for name, text in group.items()}
    root = tree(
        {
            "proc/meminfo": MEMINFO,
            "proc/self/cgroup": "4:memory:/job\n1:cpu:/",
            "proc/self/mountinfo": V1,
            **files,
        }
    )
    found = memory(root)
    assert (found.total, found.available) == (3 * GB, 2_250_000_000)


@pytest.mark.parametrize("limit", ["max", "9223372036854771712", "", "nonsense"])
def test_no_limit_is_no_limit(container: Tree, limit: str) -> None:
    found = memory(container(_in("pod/job", _v2(limit))))
    assert found.total == 16_000_000 * 1024
    assert not found.limited


def test_a_limit_without_its_counters_still_counts(container: Tree) -> None:
    found = memory(container(_in("pod/job", {"memory.max": str(GB)})))
    assert (found.total, found.available) == (GB, GB)
