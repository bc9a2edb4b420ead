"""Each family, converted: the decoder computes what transformers computed from the same weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.formats.huggingface.checkpoints import IDS, PLACES, SHOWN, recorded, write_folder
from tests.modify.test_convert import to_gguf

from freehold.formats.huggingface.families import FAMILIES
from freehold.transformer.transformer import Transformer

CASES = recorded()


@pytest.mark.parametrize("name", CASES)
def test_its_logits_are_those_of_transformers(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    folder = write_folder(tmp_path / "checkpoint", case["config"], case["tensors"])
    made = to_gguf(folder, tmp_path / "made.gguf")
    with Transformer.open(made) as model:
        logits = model.trace(IDS).logits
    assert logits is not None
    np.testing.assert_allclose(logits[list(PLACES), :SHOWN], case["logits"], atol=5e-5)


def test_no_family_is_left_out() -> None:
    kinds = {case["config"]["model_type"] for case in CASES.values()}
    assert {family.model_type for family in FAMILIES.values()} <= kinds
