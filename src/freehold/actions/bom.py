"""A bill of materials for owned models: CycloneDX 1.6, its machine-learning profile (ML-BOM).

The specification: https://cyclonedx.org/docs/1.6/json/. Only what the ledger knows is stated; a
field that is not known is left out. No path of this machine is in it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from freehold import __version__

if TYPE_CHECKING:
    from freehold.store.model import OwnedFile, OwnedModel

_NAMESPACE = uuid.UUID("6f1f2c52-6a5e-5d7e-9a0c-7b1c5c8f1d3a")


def bill_of_materials(models: Sequence[OwnedModel]) -> dict[str, Any]:
    """One document for these models. The same models give the same serial number."""
    ids = ",".join(sorted(model.id for model in models))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, ids)}",
        "version": 1,
        "metadata": {
            "tools": {
                "components": [{"type": "application", "name": "freehold", "version": __version__}]
            }
        },
        "components": [_component(model) for model in models],
    }


def _component(model: OwnedModel) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": f"sha256:{model.id}",
        "name": model.name,
        "hashes": [{"alg": "SHA-256", "content": model.weights.digest.hex}],
        "components": [_file(file) for file in model.files],
        "modelCard": {"modelParameters": _parameters(model)},
        "properties": _properties(model),
    }
    if licence := model.licence.spdx or model.licence.name:
        key = "id" if model.licence.spdx and " " not in licence else "name"
        component["licenses"] = [{"license": {key: licence}}]
    urls = dict.fromkeys(seen.url for seen in model.sightings if seen.url)
    if urls:
        component["externalReferences"] = [{"type": "distribution", "url": url} for url in urls]
    if model.parents:
        component["pedigree"] = {
            "ancestors": [
                {
                    "type": "machine-learning-model",
                    "name": parent.name or parent.id,
                    "hashes": [{"alg": "SHA-256", "content": parent.id}],
                    "properties": [{"name": "freehold:relation", "value": parent.relation}],
                }
                for parent in model.parents
            ]
        }
    return component


def _file(file: OwnedFile) -> dict[str, Any]:
    return {
        "type": "file",
        "name": file.name,
        "hashes": [{"alg": "SHA-256", "content": file.digest.hex}],
        "properties": [
            {"name": "freehold:role", "value": str(file.role)},
            {"name": "freehold:size", "value": str(file.size)},
        ],
    }


def _parameters(model: OwnedModel) -> dict[str, Any]:
    facts = model.facts
    found = {
        "architectureFamily": facts.get("architecture"),
        "modelArchitecture": facts.get("title"),
    }
    return {name: value for name, value in found.items() if value}


def _properties(model: OwnedModel) -> list[dict[str, str]]:
    kept = [
        {"name": f"freehold:{name}", "value": str(value)} for name, value in model.facts.items()
    ]
    kept.append({"name": "freehold:licence-kind", "value": model.licence.kind})
    kept += [{"name": "freehold:seen-at", "value": ref} for ref in _refs(model)]
    return kept + [{"name": "freehold:signature", "value": said} for said in _signatures(model)]


def _signatures(model: OwnedModel) -> list[str]:
    """Who vouched for it, by their own names and codes: the owner's names for them stay here."""
    if not model.signatures:
        return []
    from freehold.share.signing.in_words import for_others

    return for_others(model)


def _refs(model: OwnedModel) -> list[str]:
    """Where it was seen; of a file on this machine, only that it was one."""
    refs = ("a local file" if s.ref.startswith("file:") else s.ref for s in model.sightings)
    return list(dict.fromkeys(refs))
