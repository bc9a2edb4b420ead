"""A model, and two Freeholds that sign: Ana's and Bo's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from freehold.names import Digest
from freehold.share.signing.envelope import seal
from freehold.share.signing.identity import Identity, own_identity
from freehold.share.signing.statement import statement_of, write_statement
from freehold.store.licences import classify
from freehold.store.model import OwnedFile, OwnedModel, Parent, model_id

WHEN = datetime(2026, 11, 25, 12, tzinfo=UTC)


def model_of(*digits: str, name: str = "parrot") -> OwnedModel:
    """A model of a file of weights and a licence text; `digits` are what their hashes are of."""
    weights, text = (*digits, "f" * 64)[:2]
    files = (
        OwnedFile("parrot.gguf", "weights", Digest(weights * (64 // len(weights))), 100),
        OwnedFile("LICENSE", "licence", Digest(text), 5),
    )
    parent = Parent("1" * 64, "quantized", "bird")
    return OwnedModel(
        model_id(files), name, files, classify("MIT"), (), WHEN, {}, parents=(parent,)
    )


def signed(model: OwnedModel, by: Identity) -> OwnedModel:
    """The model with a signature more."""
    envelope = seal(write_statement(statement_of(model, by.name, WHEN)), by.key, by.sign)
    return replace(model, signatures=(*model.signatures, envelope))


@pytest.fixture
def parrot() -> OwnedModel:
    """A model that nobody has signed."""
    return model_of("a")


@pytest.fixture
def ana(tmp_path: Path) -> Identity:
    """Ana's key, made in a home of her own."""
    return own_identity(tmp_path / "ana", "Ana's laptop")


@pytest.fixture
def bo(tmp_path: Path) -> Identity:
    """Bo's."""
    return own_identity(tmp_path / "bo", "Bo")
