"""The server in the background: started at log-in, restarted if it dies, stopped when you say so.

It is a service of yours alone (systemd on Linux, launchd on macOS) and asks for no rights that you
don't have. What stands after `--` goes to `freehold serve`.
"""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option
from freehold.cli.terminal import note, print_json, printable
from freehold.errors import UsageError

EXAMPLES = """\
examples:
  freehold service install                 run the server now and from each log-in on
  freehold service install -- --port 11434 --pin smollm2
  freehold service status
  freehold service logs --lines 50
  freehold service stop
  freehold service remove
"""


def configure(parser: argparse.ArgumentParser) -> None:
    actions = ("install", "status", "logs", "stop", "start", "remove")
    parser.add_argument("action", nargs="?", default="status", choices=actions)
    parser.add_argument("options", nargs="*", metavar="-- OPTIONS", help="for freehold serve")
    parser.add_argument("--lines", type=int, default=30, metavar="N", help="with logs: how many")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.service.choose import passed_on, serve_command, service

    if args.options and args.action != "install":
        raise UsageError("Only `service install` takes options for the server.")
    here = service()
    match args.action:
        case "install":
            here.install(serve_command(args.options), passed_on())
            note(f"Installed as {here.file}, and started. It starts again at each log-in.")
        case "remove":
            was = here.remove()
            note("Removed." if was else "It was not installed.")
        case "start":
            here.start()
        case "stop":
            here.stop()
            note("Stopped. It starts again at the next log-in, or with freehold service start.")
        case "logs":
            print(printable(here.logs(max(1, args.lines))))
    if args.action in {"status", "install"}:
        return _status(as_json=args.json)
    return 0


def _status(*, as_json: bool) -> int:
    from freehold.actions.service.choose import service

    here = service()
    found = here.status()
    if as_json:
        print_json(
            {
                "installed": found.installed,
                "running": found.running,
                "detail": found.detail,
                "file": str(here.file),
            }
        )
    else:
        where = f"installed ({here.file})" if found.installed else "not installed"
        print(f"{where}, {found.detail}")
    return 0 if found.running else 1
