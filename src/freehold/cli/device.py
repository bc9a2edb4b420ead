"""What this machine has and can: processor, memory, disk, GPUs, power, and the engine's build."""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option
from freehold.cli.terminal import print_json

EXAMPLES = """\
examples:
  freehold device
  freehold device --json > laptop.json    take it to another machine: freehold fit --device
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.describe_device import describe_device
    from freehold.settings import Settings

    device = describe_device(Settings.load().home)
    if args.json:
        print_json(device.to_json())
    else:
        from freehold.cli.device_view import show_device

        show_device(device)
    return 0
