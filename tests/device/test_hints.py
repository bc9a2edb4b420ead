"""What the facts of a machine mean, in sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from freehold.device.hints import hints
from freehold.device.machine import (
    Device,
    EngineBuild,
    Gpu,
    MainMemory,
    Power,
    PowerSource,
    Processor,
)

PLAIN = Device(
    processor=Processor(instruction_sets=("AVX2", "FMA")),
    memory=MainMemory(total=100, available=50),
    engine=EngineBuild("llama.cpp", instruction_sets=("AVX2", "FMA")),
    power=Power(PowerSource.MAINS),
)


def test_a_machine_without_brakes_has_no_hints() -> None:
    assert hints(PLAIN) == ()
    assert hints(Device()) == ()


@pytest.mark.parametrize(
    ("device", "said"),
    [
        (
            replace(PLAIN, processor=Processor(instruction_sets=("AVX2", "AVX512"))),
            "built for: AVX512. To build one that uses all of it: freehold engine build",
        ),
        (replace(PLAIN, gpus=(Gpu("Arc", usable=False),)), "cannot use the Arc"),
        (replace(PLAIN, processor=Processor(limits=("a quota of 1 core",))), "a quota of 1 core"),
        (replace(PLAIN, memory=MainMemory(limit="a group")), "whole memory: a group"),
        (replace(PLAIN, memory=MainMemory(total=100, available=0)), "Little memory is free"),
        (replace(PLAIN, power=Power(PowerSource.BATTERY)), "On battery"),
        (replace(PLAIN, power=Power(profile="low-power")), "low-power"),
        (replace(PLAIN, processor=Processor(governor="powersave")), "lowest clock"),
        (replace(PLAIN, processor=Processor(throttled=1200)), "1,200 times"),
    ],
)
def test_each_brake_has_a_sentence(device: Device, said: str) -> None:
    (sentence,) = hints(device)
    assert said in sentence


def test_powersave_is_no_brake_where_the_processor_governs_itself() -> None:
    processor = Processor(governor="powersave", governor_driver="intel_pstate")
    assert hints(replace(PLAIN, processor=processor)) == ()
