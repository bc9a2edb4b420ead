"""Choosing among files by their names."""

from __future__ import annotations

import pytest

from freehold.errors import NotFound
from freehold.sources.choice import candidates, choose, quant_of
from freehold.sources.interface import OfferedFile, Role


def files(*names: str) -> list[OfferedFile]:
    return [OfferedFile(name, Role.WEIGHTS, ()) for name in names]


@pytest.mark.parametrize(
    ("name", "quant"),
    [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "Q4_1"),
        ("gemma-3-270m-q4_k_m.gguf", "Q4_K_M"),
        ("model-IQ3_XXS.gguf", "IQ3_XXS"),
        ("model-UD-Q4_K_XL.gguf", "Q4_K_XL"),
        ("Q4_0/model-F16.gguf", "F16"),
        ("model.fp16.gguf", "F16"),
        ("model-BF16-00001-of-00002.gguf", "BF16"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("Qwen3-8B.gguf", None),
        ("model.gguf", None),
    ],
)
def test_the_quantization_in_a_name(name: str, quant: str | None) -> None:
    assert quant_of(name) == quant


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["m-Q2_K", "m-Q4_K_M", "m-Q8_0"], "m-Q4_K_M"),
        (["m-Q2_K", "m-Q4_K_S", "m-Q8_0"], "m-Q4_K_S"),
        (["m-Q2_K", "m-Q8_0", "m-F16"], "m-Q2_K"),
        (["m-Q6_K", "m-Q8_0", "m-F16"], "m-Q6_K"),
        (["m", "m-F16"], "m-F16"),
    ],
)
def test_without_a_wish_it_is_the_one_nearest_to_q4_k_m(names: list[str], chosen: str) -> None:
    models = candidates(files(*(f"{name}.gguf" for name in names)))
    assert choose(models, None, "here").name == f"{chosen}.gguf"


@pytest.mark.parametrize("wanted", ["b/m-Q4_0.gguf", "m-q4_0.gguf", "q4_0", "b/m-Q4"])
def test_a_wish_is_a_name_a_quantization_or_a_part_of_it(wanted: str) -> None:
    models = candidates(files("a/m-Q8_0.gguf", "b/m-Q4_0.gguf", "b/m-Q4_0_4_4.gguf.bak"))
    assert choose(models[:2], wanted, "here").name == "b/m-Q4_0.gguf"


def test_a_wish_that_fits_several_or_none_says_what_there_is() -> None:
    models = candidates(files("m-Q4_0.gguf", "m-Q4_1.gguf"))
    with pytest.raises(NotFound, match="more than one file called 'Q4'") as caught:
        choose(models, "Q4", "here")
    assert "m-Q4_0.gguf, m-Q4_1.gguf" in str(caught.value.hint)
    with pytest.raises(NotFound, match="here has no file called 'Q9'"):
        choose(models, "Q9", "here")
    with pytest.raises(NotFound, match="here holds no model file"):
        choose((), None, "here")


def test_parts_are_one_model_in_order_and_projectors_are_none() -> None:
    names = [f"m-0000{number}-of-00003.gguf" for number in (3, 1, 2)]
    offered = [*files(*names), OfferedFile("mmproj.gguf", Role.PROJECTOR, ())]
    (model,) = candidates(offered)
    assert model.name == "m.gguf"
    assert [file.name for file in model.files] == sorted(names)


def test_a_split_model_that_lacks_a_part_stops_nobody_from_choosing_another() -> None:
    models = candidates(files("m-Q4_0-00001-of-00002.gguf", "m-Q8_0.gguf"))
    assert choose(models, "Q8_0", "here").name == "m-Q8_0.gguf"
    with pytest.raises(NotFound, match="its part 2 is not at here"):
        choose(models, "Q4_0", "here")
