"""Graphics processors that a Linux system has, whether or not an engine can use them.

The kernel knows makers by number and few of them by name; the rest stays "a GPU of …".
"""

from __future__ import annotations

from pathlib import Path

from freehold.device.control_group import ROOT
from freehold.device.machine import Gpu
from freehold.device.readings import read_int, read_text

_MAKERS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}
"""Screens of virtual machines have other numbers, and compute nothing."""


def linux_gpus(root: Path = ROOT) -> tuple[Gpu, ...]:
    """Those of makers whose GPUs some engine can use; `root` is where `proc` and `sys` are."""
    found = []
    for card in sorted((root / "sys/class/drm").glob("card[0-9]*")):
        maker = _MAKERS.get(read_text(card / "device/vendor") or "")
        if maker is not None and "-" not in card.name:  # card0-HDMI-A-1 is a socket of card0
            found.append(_gpu(card / "device", maker, root))
    if any(gpu.name.startswith("NVIDIA") for gpu in found):
        return tuple(found)
    # In containers and on servers, NVIDIA's driver shows its cards in its own place alone.
    return (*found, *(Gpu(name, usable=False) for name in _nvidia_names(root)))


def _gpu(device: Path, maker: str, root: Path) -> Gpu:
    name = read_text(device / "product_name")
    if name is None and maker == "NVIDIA":
        address = device.resolve().name  # 0000:01:00.0
        name = _model(root / f"proc/driver/nvidia/gpus/{address}/information")
    total, used = (read_int(device / f"mem_info_vram_{word}") for word in ("total", "used"))
    return Gpu(
        name=name or f"{maker} GPU",
        memory_total=total,
        memory_free=None if total is None or used is None else max(0, total - used),
        usable=False,
    )


def _nvidia_names(root: Path) -> list[str]:
    files = sorted((root / "proc/driver/nvidia/gpus").glob("*/information"))
    return [name for file in files if (name := _model(file)) is not None]


def _model(information: Path) -> str | None:
    for line in (read_text(information) or "").splitlines():
        key, _, value = line.partition(":")
        if key == "Model" and value.strip():
            return value.strip()
    return None
