"""The card that travels with a model: what it is, under which licence, from where, and its hashes.

A README.md in the way of model hubs: a head for programs, then a text for people.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from freehold.names import Digest, ModelRef, Scheme
from freehold.store.bundle.contents import Story
from freehold.store.licences import in_words
from freehold.store.model import OwnedModel
from freehold.units import human_bytes


def write_card(model: OwnedModel, story: Story, files: Sequence[tuple[str, int, Digest]]) -> str:
    """The card of a model whose `files` are paths, sizes in bytes and hashes."""
    title = _plain(str(story.facts.get("title") or model.name))
    parts = [
        "---",
        *_head(story),
        "---",
        "",
        f"# {title}",
        "",
        f"Shared with Freehold as `{model.name}`, byte for byte as it is owned.",
        "",
        f"**Licence.** {_plain(in_words(story.licence))}. It is passed on with the model.",
        "",
        "## Files",
        "",
        "| file | size | SHA-256 |",
        "|---|---|---|",
        *(
            f"| {_code(path)} | {human_bytes(size)} | `{digest.hex}` |"
            for path, size, digest in files
        ),
        "",
        "`sha256sum --check SHA256SUMS` proves them.",
        *_section("Seen at", [_code(each.ref) for each in story.sightings]),
        *_section("Made from", [_plain(each) for each in _lineage(story)]),
    ]
    return "\n".join(parts) + "\n"


def _head(story: Story) -> list[str]:
    """YAML of plain scalars and lists, each written as JSON, which YAML includes."""
    spdx, name = story.licence.spdx, story.licence.name
    head: dict[str, object] = {"license": spdx.lower() if spdx else "other" if name else None}
    if name and not spdx:
        head["license_name"] = name
    refs = (ModelRef.parse(each.ref) for each in story.sightings)
    head["base_model"] = next((r.location for r in refs if r.scheme is Scheme.HUGGINGFACE), None)
    head["tags"] = [
        str(fact)
        for fact in (story.facts.get("format", "gguf"), story.facts.get("architecture"))
        if fact
    ]
    return [f"{key}: {json.dumps(value)}" for key, value in head.items() if value]


def _lineage(story: Story) -> list[str]:
    return [
        f"{parent.name or parent.id} ({', '.join(filter(None, (parent.relation, parent.detail)))})"
        for parent in story.parents
    ]


def _section(heading: str, lines: list[str]) -> list[str]:
    return ["", f"## {heading}", "", *(f"- {line}" for line in lines)] if lines else []


def _code(text: str) -> str:
    """A text as code: nothing that would end the code, or a cell of a table."""
    return f"`{' '.join(text.replace('`', ' ').replace('|', ' ').split())}`"


def _plain(text: str) -> str:
    """A text that stays one line and cannot become markup of its own."""
    line = " ".join(text.split())
    return "".join(f"\\{each}" if each in "\\`*_[]<>|#" else each for each in line)
