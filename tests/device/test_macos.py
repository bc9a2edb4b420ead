"""What sysctl and diskutil print on a Mac."""

from __future__ import annotations

import plistlib

from tests.device.conftest import recorded

from freehold.device.machine import CoreGroup, CoreKind, DiskKind, Processor
from freehold.device.macos import macos_disk, macos_processor


def test_an_apple_processor() -> None:
    found = macos_processor(recorded("apple-m1-pro.sysctl.txt"))
    assert found == Processor(
        name="Apple M1 Pro",
        architecture="arm64",
        instruction_sets=("NEON", "ARM_FMA", "FP16_VA", "DOTPROD"),
        physical_cores=10,
        logical_cores=10,
        core_groups=(
            CoreGroup(CoreKind.PERFORMANCE, logical=8, physical=8),
            CoreGroup(CoreKind.EFFICIENCY, logical=2, physical=2),
        ),
        usable_cores=10.0,
        cache=12 << 20,
        virtual=False,
    )


def test_three_levels_of_cores() -> None:
    counts = {0: 2, 1: 6, 2: 4}
    lines = [f"hw.perflevel{level}.logicalcpu: {count}" for level, count in counts.items()]
    found = macos_processor("\n".join(["hw.nperflevels: 3", *lines]))
    assert [group.kind.value for group in found.core_groups] == [
        "performance",
        "middle",
        "efficiency",
    ]


def test_nothing_said_is_nothing_known() -> None:
    assert macos_processor("") == Processor()
    assert macos_processor("sysctl: unknown oid 'hw.nperflevels'").core_groups == ()


def test_a_disk() -> None:
    said = plistlib.dumps({"SolidState": True, "FilesystemType": "apfs"})
    assert macos_disk(said) == (DiskKind.SOLID, "apfs")
    assert macos_disk(plistlib.dumps({"FilesystemType": "smbfs"})) == (None, "smbfs")
    assert macos_disk(b"") == (None, None)
