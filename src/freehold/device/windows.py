"""What Windows tells of its processor: the registry, one question for each instruction set, and
a table of cores. It has no word for several instruction sets (FMA, VNNI, BF16): those stay unsaid.
"""

from __future__ import annotations

import struct
import sys
from itertools import groupby

from freehold.device.instruction_sets import WINDOWS
from freehold.device.machine import CoreGroup, CoreKind, Processor

_KINDS = {
    2: (CoreKind.PERFORMANCE, CoreKind.EFFICIENCY),
    3: (CoreKind.PERFORMANCE, CoreKind.MIDDLE, CoreKind.EFFICIENCY),
}


def windows_processor(machine: str) -> Processor:
    """Ask Windows. Elsewhere psutil alone is asked."""
    import psutil

    logical = psutil.cpu_count()
    process = psutil.Process()
    allowed = len(process.cpu_affinity() or ()) if hasattr(process, "cpu_affinity") else logical
    held = logical is not None and allowed is not None and allowed < logical
    return Processor(
        name=_registry_name(),
        architecture=machine,
        instruction_sets=_instruction_sets(),
        physical_cores=psutil.cpu_count(logical=False),
        logical_cores=logical,
        core_groups=core_groups(_core_table()),
        usable_cores=None if allowed is None else float(allowed),
        limits=(f"it is held to {allowed} of {logical} logical cores",) if held else (),
    )


def core_groups(table: bytes) -> tuple[CoreGroup, ...]:
    """The kinds of cores in a table of SYSTEM_CPU_SET_INFORMATION, fastest first.

    Each entry says its own length; of the rest these matter: group (2 bytes at 12), core (1 at 15)
    and efficiency class (1 at 18), where a higher class is faster.
    """
    found: list[tuple[int, tuple[int, int]]] = []
    position = 0
    while position + 19 <= len(table):
        (length,) = struct.unpack_from("<I", table, position)
        if length < 19:
            break
        (group,) = struct.unpack_from("<H", table, position + 12)
        found.append((table[position + 18], (group, table[position + 15])))
        position += length
    found.sort(key=lambda each: -each[0])
    sorts = [[core for _, core in cores] for _, cores in groupby(found, key=lambda each: each[0])]
    return tuple(
        CoreGroup(kind, logical=len(cores), physical=len(set(cores)))
        for kind, cores in zip(_KINDS.get(len(sorts), ()), sorts, strict=False)
    )


def _core_table() -> bytes:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        size = ctypes.c_ulong(0)
        kernel.GetSystemCpuSetInformation(None, 0, ctypes.byref(size), None, 0)
        buffer = ctypes.create_string_buffer(size.value)
        if kernel.GetSystemCpuSetInformation(buffer, size, ctypes.byref(size), None, 0):
            return buffer.raw
    return b""


def _instruction_sets() -> tuple[str, ...]:
    if sys.platform == "win32":
        import ctypes

        present = ctypes.windll.kernel32.IsProcessorFeaturePresent
        return tuple(name for name, code in WINDOWS.items() if present(code))
    return ()


def _registry_name() -> str | None:
    if sys.platform == "win32":
        import winreg

        path = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:
                return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
        except OSError:
            return None
    return None
