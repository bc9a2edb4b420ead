"""What this machine has and can: processor, memory, disk, GPUs, power, and the engine's build."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option
from freehold.cli.terminal import print_json

if TYPE_CHECKING:
    from freehold.device.calibration import Calibration
    from freehold.device.machine import Device

EXAMPLES = """\
examples:
  freehold device
  freehold device --calibrate             measure it: half a minute, once
  freehold device --json > laptop.json    take it to another machine: freehold fit --device
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--calibrate",
        action="store_true",
        help="measure how fast it reads and computes, in half a minute, and keep the result",
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.describe_device import describe_device, kept_calibration
    from freehold.actions.engines import engine_for, identity_of
    from freehold.settings import Settings

    settings = Settings.load()
    engine = engine_for(settings)
    if args.calibrate:
        from freehold.actions.calibrate import calibrate
        from freehold.cli.reporting import progress

        identity = str(identity_of(settings, engine))
        calibrate(settings.home, engine, identity, settings.threads, progress())
    device = describe_device(settings.home, engine)
    calibration = None
    if device.engine is not None:  # it could be asked
        identity = str(identity_of(settings, engine))
        calibration = kept_calibration(settings.home, device, identity)
    if args.json:
        print_json(device_document(device, calibration))
        return 0
    from freehold.cli.calibration_view import show_calibration
    from freehold.cli.device_view import show_device

    show_device(device)
    show_calibration(calibration)
    return 0


def device_document(device: Device, calibration: Calibration | None) -> dict[str, object]:
    """What `--json` prints: the machine, and what was measured on it or null."""
    from freehold.device.calibration import calibration_document

    measured = None if calibration is None else calibration_document(calibration)
    return {**device.to_json(), "calibration": measured}
