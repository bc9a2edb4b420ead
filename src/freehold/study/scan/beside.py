"""Files that are no weights: code, pickles, configuration, other people's templates.

What a model needs to run is its weights, a vocabulary and a template, and all of that is data. Code
beside it is there to be run by somebody. None is run, imported or unpickled here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from freehold.errors import FormatError
from freehold.formats.safetensors import read_safetensors
from freehold.formats.strict_json import MAX_BYTES, parse_object
from freehold.study.scan.finding import Finding, Gathering, Severity, excerpt, some
from freehold.study.scan.gguf_file import malformed
from freehold.study.scan.metadata import text_findings
from freehold.study.scan.pickles import PickleFacts, read_pickles
from freehold.study.scan.template import template_findings
from freehold.study.scan.text_signs import kinds_of_code

PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".dill", ".th"})
_SCRIPTS = frozenset(
    {".py", ".pyc", ".pyw", ".sh", ".bash", ".bat", ".cmd", ".ps1", ".js", ".vbs", ".ipynb", ".rb"}
)
_PROGRAMS = frozenset({".exe", ".dll", ".so", ".dylib", ".node", ".wasm", ".msi", ".jar", ".pyd"})
_TEXTS = frozenset(
    {".json", ".txt", ".md", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".jinja", ".j2"}
)
_ARRAY = b"\x93NUMPY"
_RUN_CODE = "A program that is told to trust the code beside a model runs it, with all your rights."
_NOT_NEEDED = "Freehold runs none of it. Read it before you let another program do so."


def scan_other(path: Path, label: str, gathering: Gathering) -> None:
    """Look through one file that is no GGUF, by its name and by how it begins."""
    suffix = path.suffix.lower() if path.suffix else Path(label).suffix.lower()
    with path.open("rb") as file:
        head = file.read(1024)
    if suffix == ".safetensors":
        _safetensors(path, label, gathering)
    elif suffix in PICKLES or head[:1] == b"\x80" or head[:4] == b"PK\x03\x04":
        _pickles(path, label, gathering)
    elif suffix in _SCRIPTS | _PROGRAMS:
        gathering.add([_code(label, suffix)])
        gathering.looked_at.append(f"{label}: that it is code, not what it does")
    elif kinds := list(kinds_of_code(head)):
        gathering.add([_disguised(label, kinds[0])])
    elif head.startswith(_ARRAY):
        _array(head, label, gathering)
    elif suffix in _TEXTS or _is_text(head):
        _text(path, label, suffix, gathering)
    else:
        gathering.not_looked_at.append(f"{label}: no kind of file that is known here")


def _safetensors(path: Path, label: str, gathering: Gathering) -> None:
    try:
        header = read_safetensors(path)
    except FormatError as error:
        gathering.add([malformed(label, error)])
        return
    for key, value in header.metadata.items():
        gathering.add(text_findings(value, f"{label}: {key}"))
    gathering.looked_at.append(
        f"{label}: {len(header.metadata):,} metadata entries, places and sizes of "
        f"{len(header.tensors):,} tensors"
    )
    gathering.not_looked_at.append(f"{label}: whether its numbers are finite")


def _pickles(path: Path, label: str, gathering: Gathering) -> None:
    found = read_pickles(path, label)
    for facts in found.pickles:
        gathering.add(_pickle(facts))
        gathering.looked_at.append(
            f"{facts.where}: a pickle, its {len(facts.imports):,} imports and {facts.calls:,} calls"
        )
    for member in found.code:
        gathering.add([_code(f"{label}: {member}", ".py")])
    if found.trouble is not None:
        gathering.add(
            [
                Finding(
                    Severity.SUSPICIOUS,
                    label,
                    excerpt(found.trouble, 200),
                    "What it holds cannot be looked through.",
                    "Do not load it; get the model as GGUF or safetensors.",
                )
            ]
        )
    if not found.pickles and found.trouble is None:
        gathering.looked_at.append(f"{label}: that it holds no pickle")


def _pickle(facts: PickleFacts) -> Iterator[Finding]:
    instead = "Do not load it; get the model as GGUF or safetensors, which hold data alone."
    if facts.unusual:
        names = some(facts.unusual, 8, lambda name: excerpt(name, 60))
        yield Finding(
            Severity.DANGEROUS,
            facts.where,
            f"It is a pickle that imports what weights do not need: {names}.",
            f"Loading it runs them, with {facts.calls:,} calls in all, before any weight is used.",
            instead,
        )
    elif facts.trouble is not None:
        yield Finding(
            Severity.SUSPICIOUS,
            facts.where,
            f"It is a pickle, and {excerpt(facts.trouble, 200)}.",
            "Loading a pickle runs it, also the part that could not be read here.",
            instead,
        )
    else:
        yield Finding(
            Severity.ODD,
            facts.where,
            "It is a pickle; it imports only what rebuilds weights.",
            "Loading a pickle runs it. This one makes arrays and tables.",
            "The same weights as GGUF or safetensors need no such trust.",
        )


def _code(label: str, suffix: str) -> Finding:
    what = "a program" if suffix in _PROGRAMS else "code"
    return Finding(
        Severity.SUSPICIOUS, label, f"It is {what}, not a model.", _RUN_CODE, _NOT_NEEDED
    )


def _disguised(label: str, kind: str) -> Finding:
    what = f"It begins like {kind}, which its name does not say."
    return Finding(Severity.SUSPICIOUS, label, what, _RUN_CODE, _NOT_NEEDED)


def _array(head: bytes, label: str, gathering: Gathering) -> None:
    """An array of NumPy's: of numbers, or of objects, which are a pickle."""
    gathering.looked_at.append(f"{label}: an array, whether it holds objects")
    if b"O'" in head[:512].partition(b"'descr':")[2][:16]:
        what = "It is an array of objects, which NumPy keeps as a pickle."
        could = "Loading it with pickles allowed runs whatever they say."
        gathering.add([Finding(Severity.SUSPICIOUS, label, what, could, _NOT_NEEDED)])


def _is_text(head: bytes) -> bool:
    """Whether it begins as text does; the last letter may be cut."""
    return bool(head) and b"\0" not in head and "\ufffd" not in head[:-4].decode("utf-8", "replace")


def _text(path: Path, label: str, suffix: str, gathering: Gathering) -> None:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        gathering.not_looked_at.append(f"{label}: longer than {MAX_BYTES:,} bytes")
        return
    text = data.decode("utf-8", "replace")
    if suffix in {".jinja", ".j2"}:
        gathering.add(template_findings(text, label))
        gathering.looked_at.append(f"{label}: {len(text):,} characters of template code")
        return
    address = suffix in {".md", ".txt", ".json", ".yaml", ".yml"}
    gathering.add(
        each
        for each in text_findings(text, label, address=address)
        if each.severity is not Severity.ODD or suffix == ".json"
    )
    if suffix == ".json":
        gathering.add(_configuration(data, label, gathering))
    gathering.looked_at.append(f"{label}: {len(text):,} characters")


def _configuration(data: bytes, label: str, gathering: Gathering) -> Iterator[Finding]:
    """Of a model's configuration: code that it names, templates that it carries."""
    try:
        said = parse_object(data, label)
    except FormatError:
        if _is_list(data):
            return
        what = "It is called JSON and is no well-formed JSON object."
        yield Finding(
            Severity.ODD, label, what, "Programs read it in different ways.", "Get it again."
        )
        return
    for key in ("auto_map", "custom_pipelines"):
        if said.get(key):
            named = excerpt(json.dumps(said[key], ensure_ascii=False), 160)
            what = f"It names code to be loaded with the model ({key}): {named}."
            yield Finding(Severity.SUSPICIOUS, f"{label}: {key}", what, _RUN_CODE, _NOT_NEEDED)
    for where, template in _templates(said.get("chat_template"), f"{label}: chat_template"):
        gathering.looked_at.append(f"{where}, {len(template):,} characters of code")
        yield from template_findings(template, where)


def _is_list(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data), list)
    except (ValueError, RecursionError):
        return False


def _templates(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, dict) and isinstance(each.get("template"), str):
                yield f"{where} {excerpt(str(each.get('name')), 40)!r}", each["template"]
