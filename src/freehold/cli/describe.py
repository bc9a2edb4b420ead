"""An owned model in words: a row of a table, a card, a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freehold.units import human_bytes

if TYPE_CHECKING:
    from datetime import datetime

    from freehold.store.model import BlobRecord, Licence, OwnedModel
    from freehold.store.store import Store


def human_count(count: int) -> str:
    """A number of parameters: `134.5M`, `1.2B`."""
    for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)


def licence_words(licence: Licence) -> str:
    """`Apache-2.0 (open source)`; `unknown licence` where nothing was said."""
    said = licence.spdx or licence.name
    return f"{said} ({licence.kind})" if said else "unknown licence"


def licence_short(licence: Licence) -> str:
    """`Apache-2.0 (open)`, for a table; `unknown` where nothing was said."""
    said = licence.spdx or licence.name
    kinds = {"open source": " (open)", "open with restrictions": " (restricted)", "unknown": ""}
    return f"{said}{kinds[licence.kind]}" if said else "unknown"


def model_row(model: OwnedModel, *, present: bool = True) -> tuple[str, ...]:
    """Name, size, kind, licence, health: one row of `freehold list`."""
    return (
        model.name,
        human_bytes(model.size),
        _kind(model),
        licence_short(model.licence),
        model.health.value if present else "absent",
    )


def model_json(model: OwnedModel) -> dict[str, Any]:
    """Everything the ledger knows, in words that will not change without a changelog line."""
    return {
        "name": model.name,
        "id": f"sha256:{model.id}",
        "size_bytes": model.size,
        "health": model.health.value,
        "licence": {
            "spdx": model.licence.spdx,
            "name": model.licence.name,
            "kind": model.licence.kind,
        },
        "facts": dict(model.facts),
        "files": [
            {
                "name": file.name,
                "role": str(file.role),
                "sha256": file.digest.hex,
                "size_bytes": file.size,
            }
            for file in model.files
        ],
        "seen": [
            {
                "ref": seen.ref,
                "url": seen.url,
                "revision": seen.revision,
                "at": _stamp(seen.seen_at),
            }
            for seen in model.sightings
        ],
        "parents": [
            {"id": parent.id, "relation": parent.relation, "name": parent.name}
            for parent in model.parents
        ],
        "tags": list(model.tags),
        "notes": model.notes,
        "pinned": model.pinned,
        "added_at": _stamp(model.added_at),
        "last_used_at": _stamp(model.last_used_at) if model.last_used_at else None,
    }


def model_card(model: OwnedModel, store: Store) -> str:
    """`freehold show`: a card for a person."""
    facts = model.facts
    lines = [model.name, ""]
    for label, value in (
        ("title", facts.get("title")),
        ("kind", _kind(model)),
        ("size", f"{human_bytes(model.size)} ({model.size:,} bytes)"),
        ("context", _tokens(facts.get("context_length"))),
        ("vocabulary", _tokens(facts.get("vocabulary"))),
        ("chat", _chat(model)),
        ("made for", _made_for(model, store)),
        ("licence", licence_words(model.licence)),
        ("health", _health(model, store)),
        ("owned since", _day(model.added_at)),
        ("last used", _day(model.last_used_at) if model.last_used_at else "never"),
        ("tags", ", ".join(model.tags)),
        ("notes", model.notes),
    ):
        if value:
            lines.append(f"{label:<12}{value}")
    lines += ["", "files"]
    for file in model.files:
        lines.append(f"  {file.name}  {file.role}, {human_bytes(file.size)}")
        lines.append(f"    {file.digest}")
        if held := _held(store.by_digest(file.digest)):
            lines.append(f"    {held}")
    lines += ["", "seen at"]
    for seen in model.sightings:
        revision = f" (revision {seen.revision})" if seen.revision else ""
        lines.append(f"  {_day(seen.seen_at)}  {seen.ref}{revision}")
        if seen.url:
            lines.append(f"    {seen.url}")
    return "\n".join(lines)


def _chat(model: OwnedModel) -> str:
    if "kind" in model.facts:
        return ""
    return "yes" if model.facts.get("chat") else "no chat template: it continues text"


def _made_for(model: OwnedModel, store: Store) -> str:
    """The model that an adapter or a control vector belongs to, as far as it is known."""
    if "kind" not in model.facts:
        return ""
    digest = model.facts.get("base_sha256")
    base = next((each for each in store.models() if each.weights.digest.hex == digest), None)
    if base is not None:
        return base.name
    named = str(model.facts.get("base_name") or f"any {model.facts.get('architecture')} it fits")
    return f"{named} (sha256:{str(digest)[:12]}, not owned)" if digest else named


def _kind(model: OwnedModel) -> str:
    if "kind" in model.facts:
        rank = model.facts.get("rank")
        words = [str(model.facts["kind"]), f"for {model.facts.get('architecture')}"]
        return " ".join([*words, f"rank {rank}"] if rank else words)
    parameters = model.facts.get("parameters")
    words = [
        str(model.facts.get("architecture") or ""),
        human_count(parameters) if isinstance(parameters, int) else "",
        str(model.facts.get("quantization") or ""),
    ]
    return " ".join(word for word in words if word)


def _held(record: BlobRecord | None) -> str:
    """How bytes are held that another program keeps too; empty where they are all ours."""
    from freehold.sources.elsewhere.found import in_text
    from freehold.store.model import Link

    if record is None or record.link is Link.OWN:
        return ""
    if record.link is Link.REFERENCE:
        return f"by reference: the file is {in_text(record.elsewhere or '')}"
    return f"by {record.link.value}" + (
        f", with {in_text(record.elsewhere)}" if record.elsewhere else ""
    )


def _health(model: OwnedModel, store: Store) -> str:
    found = [store.by_digest(file.digest) for file in model.parts]
    records = [record for record in found if record is not None]
    if len(records) < len(found):
        return model.health.value
    proven = _day(min(record.proven_at for record in records))
    chunks = sum(record.chunk_count for record in records)
    return f"{model.health.value}, proven {proven}, {chunks} chunk hashes"


def _tokens(value: object) -> str:
    return f"{value:,} tokens" if isinstance(value, int) else ""


def _day(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
