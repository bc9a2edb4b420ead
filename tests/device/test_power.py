"""Battery or mains, in folders as kernels show them."""

from __future__ import annotations

import pytest
from tests.device.conftest import Tree

from freehold.device.machine import Power, PowerSource
from freehold.device.power import linux_power, psutil_power

SUPPLY = "sys/class/power_supply"


def _battery(status: str, name: str = "BAT0", **more: str) -> dict[str, str]:
    values = {"type": "Battery", "status": status, "present": "1", "capacity": "58", **more}
    return {f"{SUPPLY}/{name}/{key}": value for key, value in values.items()}


def _mains(online: int) -> dict[str, str]:
    return {f"{SUPPLY}/AC/type": "Mains", f"{SUPPLY}/AC/online": str(online)}


@pytest.mark.parametrize(
    ("status", "online", "source", "charging"),
    [
        ("Discharging", 0, PowerSource.BATTERY, False),
        ("Charging", 1, PowerSource.MAINS, True),
        ("Full", 1, PowerSource.MAINS, False),
        ("Not charging", 1, PowerSource.MAINS, False),
        ("Unknown", 1, PowerSource.MAINS, False),
        ("Unknown", 0, None, False),
    ],
)
def test_a_laptop(
    tree: Tree, status: str, online: int, source: PowerSource | None, charging: bool
) -> None:
    root = tree(_battery(status) | _mains(online))
    assert linux_power(root) == Power(source, battery_percent=58, charging=charging)


def test_two_batteries_count_together(tree: Tree) -> None:
    files = _battery("Discharging", "BAT0", energy_now="10000000", energy_full="20000000")
    files |= _battery("Unknown", "BAT1", energy_now="60000000", energy_full="60000000")
    found = linux_power(tree(files))
    assert found == Power(PowerSource.BATTERY, battery_percent=88, charging=False)


def test_a_keyboards_battery_is_not_the_machines(tree: Tree) -> None:
    files = _battery("Discharging", "hidpp_battery_0", scope="Device")
    assert linux_power(tree(files)) == Power()


def test_a_battery_that_is_taken_out(tree: Tree) -> None:
    root = tree(_battery("Unknown", present="0") | _mains(1))
    assert linux_power(root) == Power(PowerSource.MAINS)


def test_no_battery_and_no_word_at_all(tree: Tree) -> None:
    root = tree({"sys/firmware/acpi/platform_profile": "low-power"})
    assert linux_power(root) is None
    (root / SUPPLY).mkdir(parents=True)
    assert linux_power(root) == Power(profile="low-power")


def test_psutil_can_be_asked_anywhere() -> None:
    found = psutil_power()
    assert found is None or found.battery_percent is None or 0 <= found.battery_percent <= 100
