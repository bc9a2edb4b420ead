"""How two models are related, by the ledger's records and by what headers say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.studying import Make

from freehold.formats.gguf import read_header
from freehold.names import Digest
from freehold.store.lineage import lineage
from freehold.store.model import Licence, OwnedFile, OwnedModel, Parent
from freehold.study.compare.lineage import named_bases, relations


def model(name: str, *parents: Parent) -> OwnedModel:
    digest = Digest(format(sum(name.encode()), "064x"))
    return OwnedModel(
        id=digest.hex,
        name=name,
        files=(OwnedFile(f"{name}.gguf", "weights", digest, 1),),
        licence=Licence(),
        sightings=(),
        added_at=datetime.now(UTC),
        facts={},
        parents=parents,
    )


def said(first: OwnedModel, second: OwnedModel, *others: OwnedModel) -> list[str]:
    models = [first, second, *others]
    above = [lineage(each, models).ancestors for each in (first, second)]
    return list(relations(first, second, *above))


def test_made_from_one_another() -> None:
    base = model("base")
    tuned = model("tuned", Parent(base.id, "finetuned", "base"))
    small = model("small", Parent(tuned.id, "quantized", "tuned"))
    assert said(base, tuned) == ["tuned was made from base: finetuned from base."]
    assert said(small, base, tuned) == [
        "small was made from base: quantized from tuned, finetuned from base."
    ]


def test_of_one_parent_and_of_none() -> None:
    base = model("base")
    one, two = (model(name, Parent(base.id, "quantized", "base")) for name in ("one", "two"))
    assert said(one, two, base) == [
        "Both were made from one model: quantized from base, and quantized from base."
    ]
    assert said(model("a"), model("b")) == []


def test_the_same_model_and_the_same_file() -> None:
    one = model("one")
    assert said(one, one) == ["They are the same model: the same files, byte for byte."]
    assert said(one, replace(one, id="ff" * 32, name="two")) == [
        "Their weights are the same file, byte for byte."
    ]


def test_what_headers_say(make: Make) -> None:
    base = read_header(make({"general.name": "Base"}, name="base.gguf"))
    tuned = [
        read_header(make({"general.name": name, "general.base_model.0.name": "Base"}, name=name))
        for name in ("One", "Two")
    ]
    assert list(named_bases(*tuned)) == ["Both name 'Base' as the model they were made from."]
    assert list(named_bases(base, tuned[0])) == [
        "The second names 'Base', the other's title, as the model it was made from."
    ]
