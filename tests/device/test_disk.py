"""Disks: what sort they are, through partitions, encryption, arrays and mounts over mounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.device.conftest import Tree

from freehold.device.disk import disk, linux_disk
from freehold.device.machine import DiskKind

ROOT_MOUNT = "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw"


def _machine(tree: Tree, mounts: str, disks: dict[str, str]) -> Path:
    """Disks by path below sys/devices; partitions are folders in them, as the kernel has it."""
    root = tree({"proc/self/mountinfo": mounts})
    block = root / "sys/class/block"
    block.mkdir(parents=True)
    for path, rotational in disks.items():
        real = root / "sys/devices" / path
        real.mkdir(parents=True)
        if rotational:
            (real / "queue").mkdir()
            (real / "queue/rotational").write_text(rotational + "\n")
        (block / real.name).symlink_to(real)
    return root


@pytest.mark.parametrize(
    ("name", "rotational", "kind"),
    [
        ("nvme0n1", "0", DiskKind.SOLID),
        ("sda", "1", DiskKind.SPINNING),
        ("vda", "1", None),  # a virtual disk says so whatever it lies on
        ("vda", "0", DiskKind.SOLID),
        ("loop3", "0", None),
    ],
)
def test_a_partition_is_what_its_disk_is(
    tree: Tree, name: str, rotational: str, kind: DiskKind | None
) -> None:
    mounts = ROOT_MOUNT.replace("nvme0n1p2", f"{name}p2")
    root = _machine(tree, mounts, {f"pci/{name}": rotational, f"pci/{name}/{name}p2": ""})
    assert linux_disk(Path("/home/me"), root) == (kind, "ext4")


def test_a_virtual_machines_scsi_disk_does_not_tell(tree: Tree) -> None:
    mounts = ROOT_MOUNT.replace("nvme0n1p2", "sda")
    root = _machine(tree, mounts, {"pci/sda": "1"})
    (root / "sys/devices/pci/sda/device").mkdir()
    (root / "sys/devices/pci/sda/device/vendor").write_text("QEMU    \n")
    assert linux_disk(Path("/"), root) == (None, "ext4")


def test_encryption_and_arrays_are_what_they_are_made_of(tree: Tree) -> None:
    mounts = ROOT_MOUNT.replace("nvme0n1p2", "mapper/home")
    disks = {"virtual/dm-0": "1", "virtual/md0": "1", "pci/sda": "0", "pci/sdb": "1"}
    root = _machine(tree, mounts, disks)
    (root / "dev/mapper").mkdir(parents=True)
    (root / "dev/mapper/home").symlink_to("../dm-0")
    (root / "dev/dm-0").touch()
    for whole, part in (("dm-0", "md0"), ("md0", "sda")):
        (root / "sys/devices/virtual" / whole / "slaves" / part).mkdir(parents=True)
    assert linux_disk(Path("/"), root)[0] is DiskKind.SOLID
    (root / "sys/devices/virtual/md0/slaves/sdb").mkdir()
    assert linux_disk(Path("/"), root)[0] is DiskKind.SPINNING


def test_the_innermost_and_last_mount_counts(tree: Tree) -> None:
    mounts = "\n".join(
        [
            ROOT_MOUNT,
            "40 22 0:44 / /srv rw - nfs4 server:/export rw",
            r"41 22 0:45 / /media/my\040disk rw - tmpfs tmpfs rw",
            "42 22 0:46 / /media rw - fuse.sshfs me@there:/ rw",
        ]
    )
    root = _machine(tree, mounts, {"pci/nvme0n1": "0", "pci/nvme0n1/nvme0n1p2": ""})
    assert linux_disk(Path("/srv/models"), root) == (DiskKind.NETWORK, "nfs4")
    assert linux_disk(Path("/srvx"), root) == (DiskKind.SOLID, "ext4")
    assert linux_disk(Path("/media/my disk/a"), root) == (DiskKind.MEMORY, "tmpfs")
    assert linux_disk(Path("/media/other"), root) == (DiskKind.NETWORK, "fuse.sshfs")


def test_without_a_list_of_mounts_nothing_is_known(tree: Tree) -> None:
    assert linux_disk(Path("/"), tree({})) == (None, None)


def test_a_store_that_is_not_there_yet_has_its_disk_already(tmp_path: Path) -> None:
    found = disk(tmp_path / "not" / "yet")
    assert found.total is not None
    assert found.free is not None
    assert 0 < found.free <= found.total
