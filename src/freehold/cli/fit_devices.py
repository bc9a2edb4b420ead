"""The machines that `freehold fit --device` knows by name."""

from __future__ import annotations

from freehold.actions.fit_words import whole_bytes
from freehold.cli.terminal import note, print_json, print_table


def show_devices(*, as_json: bool) -> int:
    """One line for each, with the figures that predictions stand on."""
    from freehold.device.named import machines, titles

    known, named = machines(), titles()
    if as_json:
        print_json([device.to_json() for device in known])
        return 0
    rows = [
        (
            device.name or "",
            whole_bytes(device.memory.total) if device.memory.total else "",
            f"{whole_bytes(device.memory.bandwidth)}/s" if device.memory.bandwidth else "",
            named[device.name or ""],
        )
        for device in known
    ]
    print_table(("NAME", "MEMORY", "BANDWIDTH", "WHAT IT IS"), rows, right={1, 2})
    note("Figures as their makers publish them; `--json` says where each was read.")
    return 0
