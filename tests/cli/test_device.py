"""`freehold device`: what this machine has and can."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest
from tests.cli.conftest import Say

from freehold.actions.describe_device import read_device
from freehold.cli.device_view import device_rows, show_device
from freehold.device.machine import (
    CoreGroup,
    CoreKind,
    Device,
    Disk,
    DiskKind,
    EngineBuild,
    Gpu,
    MainMemory,
    Power,
    PowerSource,
    Processor,
)

GB = 10**9
LAPTOP = Device(
    processor=Processor(
        name="A \x1b[31mred\x1b[0m chip",
        physical_cores=10,
        logical_cores=12,
        usable_cores=1.5,
        core_groups=(
            CoreGroup(CoreKind.PERFORMANCE, logical=4, physical=2),
            CoreGroup(CoreKind.EFFICIENCY, logical=8, physical=8),
        ),
    ),
    memory=MainMemory(total=16 * GB, available=4 * GB, swap_total=8 * GB, swap_free=8 * GB),
    gpus=(Gpu("Iris", "Vulkan", integrated=True, memory_total=8 * GB, memory_free=7 * GB),),
    disk=Disk(total=500 * GB, free=0, kind=DiskKind.SOLID, filesystem="ext4"),
    power=Power(PowerSource.BATTERY, battery_percent=58, charging=False),
    unknown=("the size of its caches",),
)


def test_it_says_what_is_here(say: Say) -> None:
    said = say("device")
    assert said.code == 0
    labels = [line.split("  ")[0] for line in said.out.splitlines()]
    assert labels[:4] == ["Processor", "Cores", "It can", "Memory"]
    assert "Engine" in labels
    assert "llama.cpp" in said.out


def test_what_it_prints_as_json_is_read_on_another_machine(say: Say, tmp_path: Path) -> None:
    said = say("device", "--json")
    assert said.json["memory"]["total"] <= psutil.virtual_memory().total
    assert said.json["processor"]["logical_cores"] == psutil.cpu_count()
    path = tmp_path / "laptop.json"
    path.write_text(said.out)
    device = read_device(path)
    assert device.fingerprint == said.json["fingerprint"]
    assert json.loads(json.dumps(device.to_json())).items() <= said.json.items()


def test_every_line_of_a_laptop(capsys: pytest.CaptureFixture[str]) -> None:
    show_device(LAPTOP)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "Processor  A [31mred[0m chip",
        "Cores      10 physical, 12 logical (2 performance, 8 efficiency); this process gets 1.5",
        "Memory     4.0 GB free of 16.0 GB",
        "Swap       8.0 GB free of 8.0 GB",
        "Disk       0 B free of 500.0 GB, solid state, ext4",
        "GPU        Iris, 7.0 GB free of 8.0 GB, Vulkan, integrated",
        "Power      on battery, battery at 58%",
        "- On battery many machines compute more slowly than on mains.",
        "Not known: the size of its caches",
    ]


def test_the_page_shows_what_is_printed(
    capsys: pytest.CaptureFixture[str], repository: Path
) -> None:
    used = ("SSE3", "SSSE3", "AVX", "AVX2", "F16C", "FMA", "BMI2")
    device = Device(
        processor=Processor(
            name="13th Gen Intel(R) Core(TM) i7-1365U",
            architecture="x86_64",
            instruction_sets=(*used[:3], "AVX_VNNI", *used[3:]),
            physical_cores=10,
            logical_cores=12,
            core_groups=(
                CoreGroup(CoreKind.PERFORMANCE, logical=4, physical=2, max_mhz=5200),
                CoreGroup(CoreKind.EFFICIENCY, logical=8, physical=8, max_mhz=3900),
            ),
            usable_cores=12.0,
            cache=12 << 20,
            max_mhz=5200,
        ),
        memory=MainMemory(total=16_300_000_000, available=9_100_000_000),
        disk=Disk(511 * GB, 201_500_000_000, DiskKind.SOLID, "ext4"),
        power=LAPTOP.power,
        engine=EngineBuild("bundled", "2026.10.11549", used),
    )
    show_device(device)
    page = (repository / "docs" / "device.md").read_text()
    assert f"$ freehold device\n{capsys.readouterr().out}```" in page


def test_clocks_are_shown_where_they_are_known() -> None:
    groups = (CoreGroup(CoreKind.MIDDLE, logical=4, max_mhz=2803),)
    processor = Processor(name="A", logical_cores=4, core_groups=groups, max_mhz=3360)
    rows = dict(row[:2] for row in device_rows(Device(processor=processor)))
    assert rows["Processor"] == "A, up to 3.4 GHz"
    assert rows["Cores"] == "4 (4 middle at up to 2.8 GHz)"


def test_a_machine_of_which_nothing_is_known() -> None:
    assert [(label, words) for label, words, _ in device_rows(Device())] == [
        ("Processor", "not known"),
        ("Cores", "not known"),
        ("Memory", "not known"),
    ]


def test_a_machine_of_a_list_shows_what_its_maker_states() -> None:
    memory = MainMemory(total=16 * GB, unified=True, bandwidth=100 * GB)
    rows = dict(row[:2] for row in device_rows(Device(name="a laptop", memory=memory)))
    assert rows["Machine"] == "a laptop"
    assert rows["Memory"] == "16.0 GB, shared with the GPU, 100.0 GB/s as stated"


def test_calibrating_measures_and_shows_what_was_found(
    say: Say, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from freehold.actions import calibrate

    little = calibrate.Thoroughness(types=("Q4_K",), least_bytes=1, repeats=1, probes=())
    monkeypatch.setattr(calibrate, "Thoroughness", lambda: little)
    assert "not measured here yet" in say("device").out
    said = say("device", "--calibrate")
    assert said.code == 0
    (row,) = (line for line in said.out.splitlines() if line.startswith("Q4_K"))
    # so little of it, beside other programs, may tell nothing: then that is said
    assert "GFLOP/s" in row or "not measured" in row
    kept = say("device", "--json").json["calibration"]
    assert kept["processor"] == say("device", "--json").json["processor"]["name"]
    assert (home / "device" / "calibration.json").exists()
