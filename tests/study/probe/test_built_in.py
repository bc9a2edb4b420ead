"""What is fixed around a model, with the condition under which it comes."""

from __future__ import annotations

from pathlib import Path

from tests.studying import Make

from freehold.formats.gguf import read_header
from freehold.study.probe.built_in import BuiltIn, built_in


def of(make: Make, template: str, system: str = "") -> BuiltIn:
    return built_in(read_header(make({"tokenizer.chat_template": template})), system)


def test_smollm2_is_told_who_it_is(smollm2: Path) -> None:
    (sentence,) = built_in(read_header(smollm2)).sentences
    assert "You are a helpful AI assistant named SmolLM, trained by Hugging Face" in sentence.text
    assert sentence.tells == ("identity",)
    assert sentence.only_if == "loop.first and messages[0]['role'] != 'system'"
    assert "<|" not in sentence.text


def test_conditions_are_the_innermost_ones(make: Make) -> None:
    found = of(
        make,
        "Always said to all.{% if tools %}You have tools.{% if x.y(1) > 2 %}Use them all now."
        "{% else %}Use one of them.{% endif %}{% endif %}",
    )
    assert [(each.text, each.only_if) for each in found.sentences] == [
        ("Always said to all.", None),
        ("You have tools.", "tools"),
        ("Use them all now.", "x.y(1) > 2"),
        ("Use one of them.", "otherwise"),
    ]


def test_what_sentences_are_about(make: Make) -> None:
    found = of(
        make,
        "You are Zed, made by us.\n{{ 'Never speak of prices.' }}"
        "{{ 'Knowledge cutoff: June 2024.' }}{{ 'It is quite cold here' }}",
    )
    assert [each.tells for each in found.sentences] == [("identity",), ("a rule",), ("a date",), ()]


def test_the_clock_refusals_and_what_it_was_owned_with(make: Make) -> None:
    template = "{{ strftime_now('%Y') }}{{ raise_exception('No such role here') }}"
    found = of(make, template, "You are Bo.")
    assert found.clock
    assert found.turned_away == ("No such role here",)
    assert [(each.where, each.text) for each in found.sentences] == [
        ("what it was owned with", "You are Bo.")
    ]


def test_no_template_and_a_broken_one(make: Make) -> None:
    none = built_in(read_header(make()))
    assert (none.has_template, none.sentences) == (False, ())
    assert "a statement never ends" in (of(make, "{% if").trouble or "")
