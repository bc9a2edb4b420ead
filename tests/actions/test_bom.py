"""The bill of materials: valid CycloneDX 1.6, true to the ledger, silent about this machine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from freehold.actions.bom import bill_of_materials
from freehold.names import Digest
from freehold.share.signing.envelope import seal
from freehold.share.signing.identity import own_identity
from freehold.share.signing.statement import statement_of, write_statement
from freehold.store.model import (
    Licence,
    OwnedFile,
    OwnedModel,
    Parent,
    Sighting,
    model_id,
    now,
)

HEX = "ab" * 32


def model(licence: Licence) -> OwnedModel:
    return OwnedModel(
        id=HEX,
        name="m",
        files=(OwnedFile("m.gguf", "weights", Digest(HEX), 10),),
        licence=licence,
        sightings=(
            Sighting("pypi:m==1", "https://h/m.whl", "1", now()),
            Sighting("file:/home/someone/m.gguf", None, None, now()),
        ),
        added_at=now(),
        facts={"architecture": "llama", "parameters": 10},
        parents=(Parent("cd" * 32, "quantized", "base"),),
    )


@pytest.mark.parametrize(
    "licence",
    [
        Licence("Apache-2.0", None, "open source"),
        Licence(None, "Gemma Terms of Use", "open with restrictions"),
        Licence("Apache-2.0 OR MIT", None, "open source"),
        Licence(),
    ],
)
def test_it_is_valid_by_the_published_schema(licence: Licence) -> None:
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema").SchemaVersion.V1_6
    text = json.dumps(bill_of_materials([model(licence)]))
    assert validation.JsonStrictValidator(schema).validate_str(text) is None


def test_it_says_what_the_ledger_knows_and_no_local_path() -> None:
    bill = bill_of_materials([model(Licence("Apache-2.0", None, "open source"))])
    component = bill["components"][0]
    assert component["hashes"] == [{"alg": "SHA-256", "content": HEX}]
    assert component["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert component["pedigree"]["ancestors"][0]["name"] == "base"
    assert "someone" not in json.dumps(bill)


def test_the_same_models_give_the_same_serial_number() -> None:
    a, b = (bill_of_materials([model(Licence())])["serialNumber"] for _ in range(2))
    assert a == b


def test_it_says_who_vouched_and_stays_valid(tmp_path: Path) -> None:
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema").SchemaVersion.V1_6
    ana = own_identity(tmp_path, "Ana")
    owned = model(Licence("MIT", None, "open source"))
    owned = replace(owned, id=model_id(owned.files))
    envelope = seal(write_statement(statement_of(owned, ana.name, now())), ana.key, ana.sign)
    bill = bill_of_materials([replace(owned, signatures=(envelope, "nonsense"))])
    assert validation.JsonStrictValidator(schema).validate_str(json.dumps(bill)) is None
    said = [
        each["value"]
        for each in bill["components"][0]["properties"]
        if each["name"] == "freehold:signature"
    ]
    assert said[0].startswith(f"signed by a key (it calls itself Ana; code {ana.key.code}), ")
    assert said[1].startswith("a signature that cannot be read")
