"""The stick's pages: START.html filled in, start.py as it is, and the list of hashes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import file_digest
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from freehold.share.runtime.targets import Target
from freehold.store.model import OwnedModel
from freehold.units import human_bytes

SUMS = "SHA256SUMS"
START = "START.html"
SCRIPT = "start.py"


def start_script() -> bytes:
    """What is run on the other machine."""
    return _resource(SCRIPT)


def start_page(models: Sequence[OwnedModel], targets: Sequence[Target], size: int) -> bytes:
    """What is read first on the other machine. `size` is of all there is, in bytes."""
    pythons: dict[str, list[str]] = {}
    for target in targets:
        pythons.setdefault(target.machine.label, []).append(target.python)
    places = [f"{label} (Python {', '.join(found)})" for label, found in pythons.items()]
    rows = [
        f"<tr><td>{escape(model.name)}</td><td>{human_bytes(model.size)}</td>"
        f"<td>{escape(model.licence.spdx or model.licence.name or 'unknown')}</td></tr>"
        for model in models
    ]
    page = Template(_resource(START).decode("utf-8")).substitute(
        models="one model" if len(models) == 1 else f"{len(models)} models",
        rows="\n".join(rows),
        machines=escape("; ".join(places)),
        sizes=f"All of it takes {human_bytes(size)}",
    )
    return page.encode("utf-8")


def sums(folder: Path) -> bytes:
    """A line for each file below a folder, as `sha256sum` writes them and checks them."""
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    return "".join(lines).encode()


def _resource(name: str) -> bytes:
    return files("freehold.share.runtime").joinpath("stick", name).read_bytes()
