"""The share of the cores that a process really gets: affinity, and quotas at every level."""

from __future__ import annotations

import pytest
from tests.device.conftest import Tree, topology

from freehold.device.cores import linux_cores, share_of_cores

V2 = "30 25 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
V1 = (
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
    "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct"
)


def test_affinity_alone(tree: Tree) -> None:
    share = share_of_cores(8, tree({}), allowed=3)
    assert (share.usable, share.limits) == (3.0, ("it is held to 3 of 8 logical cores",))


def test_no_limit_is_no_limit(tree: Tree) -> None:
    group = "sys/fs/cgroup/user.slice"
    root = tree(
        {
            "proc/self/cgroup": "0::/user.slice",
            "proc/self/mountinfo": V2,
            f"{group}/cpu.max": "max 100000",
        }
    )
    share = share_of_cores(8, root, allowed=8)
    assert (share.usable, share.limits) == (8.0, ())


@pytest.mark.parametrize("level", ["a.slice", "a.slice/b.scope", "a.slice/b.scope/inner"])
def test_a_quota_at_any_level_counts(tree: Tree, level: str) -> None:
    root = tree(
        {
            "proc/self/cgroup": "0::/a.slice/b.scope/inner",
            "proc/self/mountinfo": V2,
            "sys/fs/cgroup/a.slice/b.scope/cpu.max": "400000 100000",
            f"sys/fs/cgroup/{level}/cpu.max": "150000 100000",
        }
    )
    share = share_of_cores(8, root, allowed=6)
    assert share.usable == 1.5
    assert share.limits == (
        "it is held to 6 of 8 logical cores",
        "its control group has a quota of 1.5 cores",
    )


def test_version_1_in_a_container_that_sees_the_hosts_path(tree: Tree) -> None:
    mount = V1.replace("0:30 / ", "0:30 /docker/f00d ")
    root = tree(
        {
            "proc/self/cgroup": "12:memory:/docker/f00d\n4:cpu,cpuacct:/docker/f00d/job",
            "proc/self/mountinfo": mount,
            "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": "-1",
            "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
        }
    )
    assert share_of_cores(4, root, allowed=4).usable == 0.5


def test_a_group_outside_of_what_is_mounted_asks_what_there_is(tree: Tree) -> None:
    root = tree(
        {
            "proc/self/cgroup": "0::/../outside",
            "proc/self/mountinfo": V2,
            "sys/fs/cgroup/cpu.max": "200000 100000",
        }
    )
    assert share_of_cores(4, root, allowed=4).usable == 2.0


@pytest.mark.parametrize("text", ["", "nonsense", "100000", "5 0", "-3 100"])
def test_a_quota_that_makes_no_sense_is_none(tree: Tree, text: str) -> None:
    root = tree(
        {
            "proc/self/cgroup": "0::/",
            "proc/self/mountinfo": V2,
            "sys/fs/cgroup/cpu.max": text,
        }
    )
    assert share_of_cores(4, root, allowed=4).usable == 4.0


def test_offline_cores_and_holes_in_the_numbers(tree: Tree) -> None:
    root = tree(topology([(0, 4), (1, 5)]) | {"sys/devices/system/cpu/online": "0-1,4-5"})
    assert (linux_cores(root).logical, linux_cores(root).physical) == (4, 2)


def test_without_a_topology_the_physical_cores_are_not_known(tree: Tree) -> None:
    found = linux_cores(tree({"sys/devices/system/cpu/online": "0-3"}))
    assert (found.logical, found.physical, found.groups) == (4, None, ())


def test_two_favoured_cores_are_no_kind_of_their_own(tree: Tree) -> None:
    capacities = (1024, 1024, 980, 975)
    files = {
        f"sys/devices/system/cpu/cpu{i}/cpu_capacity": str(c) for i, c in enumerate(capacities)
    }
    assert linux_cores(tree(topology([(0,), (1,), (2,), (3,)]) | files)).groups == ()
