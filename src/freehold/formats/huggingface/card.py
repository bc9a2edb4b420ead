"""What a checkpoint says of itself: its README's front matter, as a GGUF header has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from freehold.formats.gguf_types import ValueType
from freehold.formats.gguf_write import ArrayOf, Entry
from freehold.formats.huggingface.folder import Checkpoint

_FRONT = re.compile(r"\A\ufeff?---\r?\n(.*?)\r?\n---\s*(?:\r?\n|\Z)", re.DOTALL)
_REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_REFERENCE = re.compile(r"(?m)(?:^|[\s:\[,-])[&*]\w")
"""In YAML a few lines of references can become gigabytes."""
_MOST = 64 << 10
_HUB = "https://huggingface.co"


def card_of(checkpoint: Checkpoint) -> Mapping[str, Any]:
    """The table at the head of README.md; empty where there is none that can be read."""
    text = checkpoint.text("README.md")
    front = _FRONT.match(text or "")
    if front is None or len(front[1]) > _MOST or _REFERENCE.search(front[1]):
        return {}
    try:
        said = yaml.safe_load(front[1])
    except yaml.YAMLError:
        return {}
    return said if isinstance(said, dict) else {}


def repository_of(checkpoint: Checkpoint) -> str | None:
    """What the checkpoint was published as, `owner/name`, if its configuration says so."""
    said = checkpoint.config.get("_name_or_path")
    return said if isinstance(said, str) and _REPOSITORY.fullmatch(said) else None


def card_entries(card: Mapping[str, Any]) -> Iterator[Entry]:
    """Licence, languages, tags, and what it was made from."""
    for key, name in (("license", "license"), ("license_name", "license.name"),
                      ("license_link", "license.link")):  # fmt: skip
        if isinstance(said := card.get(key), str) and said.strip():
            yield Entry(f"general.{name}", ValueType.STRING, said.strip())
    for key, name in (("language", "languages"), ("tags", "tags")):
        if values := _texts(card.get(key)):
            yield Entry(f"general.{name}", ValueType.ARRAY, ArrayOf(ValueType.STRING, values))


def lineage_entries(card: Mapping[str, Any]) -> list[Entry]:
    """What it was made from: repositories alone, no paths of whoever trained it."""
    bases = [each for each in _texts(card.get("base_model")) if _REPOSITORY.fullmatch(each)]
    entries = []
    for index, base in enumerate(bases):
        at = f"general.base_model.{index}"
        owner, _, name = base.partition("/")
        entries += [
            Entry(f"{at}.name", ValueType.STRING, name),
            Entry(f"{at}.organization", ValueType.STRING, owner),
            Entry(f"{at}.repo_url", ValueType.STRING, f"{_HUB}/{base}"),
        ]
    if bases:
        entries.append(Entry("general.base_model.count", ValueType.UINT32, len(bases)))
    return entries


def _texts(value: Any) -> list[str]:
    every = value if isinstance(value, list) else [value]
    return [each.strip() for each in every if isinstance(each, str) and each.strip()][:100]
