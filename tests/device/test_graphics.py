"""GPUs as the kernel and NVIDIA's driver list them."""

from __future__ import annotations

from pathlib import Path

from tests.device.conftest import Tree

from freehold.device.graphics import linux_gpus
from freehold.device.machine import Gpu

RTX = "Model: \t\t NVIDIA GeForce RTX 3060\nIRQ:   \t\t 142\nBus Type: \t PCIe"


def _card(root: Path, name: str, address: str, files: dict[str, str]) -> None:
    device = root / "sys/devices/pci0000:00" / address
    device.mkdir(parents=True)
    for key, text in files.items():
        (device / key).write_text(text + "\n")
    card = root / "sys/class/drm" / name
    card.mkdir(parents=True)
    (card / "device").symlink_to(device)


def test_cards_of_three_makers(tree: Tree) -> None:
    root = tree({"proc/driver/nvidia/gpus/0000:01:00.0/information": RTX})
    _card(root, "card0", "0000:00:02.0", {"vendor": "0x8086"})
    _card(root, "card1", "0000:01:00.0", {"vendor": "0x10de"})
    memory = {"mem_info_vram_total": "17163091968", "mem_info_vram_used": "1000000000"}
    _card(root, "card2", "0000:03:00.0", {"vendor": "0x1002", **memory})
    (root / "sys/class/drm/card0-HDMI-A-1").mkdir()
    (root / "sys/class/drm/renderD128").mkdir()
    assert linux_gpus(root) == (
        Gpu("Intel GPU", usable=False),
        Gpu("NVIDIA GeForce RTX 3060", usable=False),
        Gpu(
            "AMD GPU", memory_total=17163091968, memory_free=16163091968, usable=False
        ),
    )  # fmt: skip


def test_a_virtual_machines_screen_is_no_gpu(tree: Tree) -> None:
    root = tree({})
    _card(root, "card0", "0000:00:01.0", {"vendor": "0x1234"})
    assert linux_gpus(root) == ()


def test_a_server_whose_driver_shows_no_screen(tree: Tree) -> None:
    root = tree({"proc/driver/nvidia/gpus/0000:01:00.0/information": RTX})
    assert linux_gpus(root) == (Gpu("NVIDIA GeForce RTX 3060", usable=False),)


def test_none_at_all(tree: Tree) -> None:
    assert linux_gpus(tree({})) == ()
