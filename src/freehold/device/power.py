"""Battery or mains, and the system's own power mode."""

from __future__ import annotations

from pathlib import Path

from freehold.device.control_group import ROOT
from freehold.device.machine import Power, PowerSource
from freehold.device.readings import read_int, read_text


def linux_power(root: Path = ROOT) -> Power | None:
    """From the kernel's list of supplies; None where it shows none. No battery: no source named.

    A mouse or a keyboard has a battery too, and says that it is a device's.
    """
    folder = root / "sys/class/power_supply"
    try:
        supplies = sorted(folder.iterdir())
    except OSError:
        return None
    ours = [each for each in supplies if read_text(each / "scope") != "Device"]
    batteries = [
        each
        for each in ours
        if read_text(each / "type") == "Battery" and read_int(each / "present") != 0
    ]
    states = [read_text(each / "status") for each in batteries]
    on_line = [
        read_int(each / "online") for each in ours if read_text(each / "type") in {"Mains", "USB"}
    ]
    profile = read_text(root / "sys/firmware/acpi/platform_profile")
    if not batteries:
        return Power(PowerSource.MAINS if 1 in on_line else None, profile=profile)
    source = None
    if "Discharging" in states:
        source = PowerSource.BATTERY
    elif 1 in on_line or {"Charging", "Full", "Not charging"} & set(states):
        source = PowerSource.MAINS
    return Power(source, _percent(batteries), "Charging" in states, profile)


def psutil_power() -> Power | None:
    """From psutil, where there is no such folder; None where it knows nothing."""
    import psutil

    if not hasattr(psutil, "sensors_battery"):
        return None
    found = psutil.sensors_battery()
    if found is None:
        return Power()
    plugged: bool | None = found.power_plugged
    percent = round(found.percent)
    if plugged is None:
        return Power(None, percent)
    source = PowerSource.MAINS if plugged else PowerSource.BATTERY
    return Power(source, percent, charging=plugged and percent < 100)


def _percent(batteries: list[Path]) -> int | None:
    """Two batteries count together, each by what it holds when full."""
    held, whole = 0, 0
    for battery in batteries:
        for kind in ("energy", "charge"):
            now, full = read_int(battery / f"{kind}_now"), read_int(battery / f"{kind}_full")
            if now is not None and full:
                held, whole = held + now, whole + full
                break
    if len(batteries) > 1 and whole:
        return min(100, round(100 * held / whole))
    stated = read_int(batteries[0] / "capacity")
    if stated is None:
        return min(100, round(100 * held / whole)) if whole else None
    return min(100, max(0, stated))
