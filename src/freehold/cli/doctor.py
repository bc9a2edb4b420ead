"""Is all well? What you own, what works with no network, what is open, and what to mend.

Nothing is fetched, changed or read at length. The engine proves itself on a tiny model. Exit code
0 says that all is well, 1 that something is to be done.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from freehold.cli.opening import add_json_option
from freehold.cli.terminal import note, print_json, printable
from freehold.settings import Settings
from freehold.units import counted, human_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from freehold.actions.checkup import Checkup

EXAMPLES = """\
examples:
  freehold doctor
  freehold doctor --json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.checkup import examine
    from freehold.cli.opening import open_libraries

    settings = Settings.load()
    with open_libraries(settings) as libraries:
        found = examine(settings, libraries)
    if args.json:
        print_json(_document(found))
    else:
        for line in _lines(found):
            print(printable(line))
        for trouble, todo in found.troubles:
            note(f"to mend: {trouble}" + (f"\n         {todo}" if todo else ""))
    return 1 if found.troubles else 0


def _lines(found: Checkup) -> Iterator[str]:
    yield f"Owned, in {found.home}"
    for model in found.owned:
        where = "" if model.library == "home" else f", in {model.library}"
        state = model.trouble or "as proven"
        yield f"  {model.name}  {human_bytes(model.size)}{where}: {state}"
    if not found.owned:
        yield "  nothing yet"
    yield "Works now without a network"
    width = max(len(feature.name) for feature in found.features)
    for feature in found.features:
        yield f"  {'yes' if feature.works else 'no ':3}  {feature.name:<{width}}  {feature.why}"
    yield "Open addresses"
    for each in found.open:
        who = "this machine only" if each.local else "other machines too (--lan), with a key"
        yield f"  {each.host}:{each.port}  {each.process}: {who}"
    if not found.open:
        server = f"not to be seen: the server at {found.server}" if found.server else "none"
        yield f"  {server}"
    yield "Engine"
    proved = found.engine.identity or found.engine.trouble
    yield f"  {found.engine.name}: {proved}" + (
        ", proved just now" if found.engine.identity else ""
    )
    yield "This machine"
    memory = found.memory
    yield f"  memory {human_bytes(memory.available)} free of {human_bytes(memory.total)}"
    yield f"  disk {human_bytes(found.disk_free)} free"
    calibrated = found.calibrated or "not yet: freehold device --calibrate"
    yield f"  calibrated {calibrated} | {counted(found.tuned, 'model')} tuned"
    yield f"  conversations kept {human_bytes(found.conversations)} | {counted(found.keys, 'key')}"


def _document(found: Checkup) -> dict[str, Any]:
    return {
        "well": not found.troubles,
        "home": str(found.home),
        "owned": [asdict(each) for each in found.owned],
        "works_without_network": [asdict(each) for each in found.features],
        "server": found.server,
        "open": [{**asdict(each), "this_machine_only": each.local} for each in found.open],
        "engine": asdict(found.engine),
        "calibrated": found.calibrated,
        "tuned_models": found.tuned,
        "memory_bytes": {"total": found.memory.total, "available": found.memory.available},
        "disk_free_bytes": found.disk_free,
        "conversation_bytes": found.conversations,
        "keys": found.keys,
        "to_mend": [{"what": what, "how": how} for what, how in found.troubles],
    }
