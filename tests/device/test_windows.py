"""The table of cores that Windows gives, byte for byte."""

from __future__ import annotations

import struct

from freehold.device.machine import CoreGroup, CoreKind
from freehold.device.windows import core_groups


def _entry(core: int, efficiency_class: int, group: int = 0) -> bytes:
    head = struct.pack("<IIIHBBBBB", 32, 0, 256 + core, group, core, core, 0, 0, efficiency_class)
    return head.ljust(32, b"\0")


def test_two_kinds_of_cores() -> None:
    fast = [_entry(core, 1) for core in (0, 0, 2, 2)]
    slow = [_entry(core, 0) for core in (4, 5, 6)]
    assert core_groups(b"".join(fast + slow)) == (
        CoreGroup(CoreKind.PERFORMANCE, logical=4, physical=2),
        CoreGroup(CoreKind.EFFICIENCY, logical=3, physical=3),
    )


def test_cores_that_are_alike_are_no_kinds() -> None:
    assert core_groups(b"".join(_entry(core, 0) for core in range(4))) == ()


def test_the_same_number_in_another_group_is_another_core() -> None:
    table = [_entry(0, 1), _entry(0, 1, group=1), _entry(1, 0)]
    assert core_groups(b"".join(table))[0].physical == 2


def test_a_table_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    assert core_groups(b"") == ()
    assert core_groups(struct.pack("<I", 0) * 12) == ()
    assert core_groups(_entry(0, 1) + _entry(1, 0)[:10]) == ()
