"""Templates of tasks: what Jinja would write, and nothing that could do anything else."""

from __future__ import annotations

from typing import Any

import pytest

from freehold.study.evaluation.prompt_template import PromptTemplate
from freehold.study.evaluation.values import Refused

FIELDS: dict[str, Any] = {
    "question": " Why? ",
    "choices": ["a", "b", "c"],
    "answer": 1,
    "label": "2",
    "deep": {"text": ["x", "y"]},
}
FILLED = {
    "Q: {{question.strip()}}\nA:": "Q: Why?\nA:",
    "{{ 'one of ' + choices|join(', ') }}": "one of a, b, c",
    "{{choices[answer]}}{{choices[-1]}}{{deep.text[0]}}{{deep['text'][1]}}": "bcxy",
    "{{ ['A', 'B'][answer] }}": "B",
    "{{ choices.index('b') + 1 }}": "2",
    "{{ label|int - 1 }}": "1",
    "{{ 'yes' if answer == 1 and not label in choices else 'no' }}": "yes",
    "{{ question|trim|lower ~ answer }}": "why?1",
    "{{ 1 + 2 * 3 - -1 }}": "8",
    "{{ choices[1:]|length }}": "2",
    "{{ question.split('y')[0].lstrip() }}": "Wh",
    "{% for choice in choices %}{{loop.index}}. {{choice}}\n{% endfor %}": "1. a\n2. b\n3. c\n",
    "{% if answer == 0 %}x{% elif answer == 1 %}y{% else %}z{% endif %}": "y",
    "{% if answer > 1 %}x{% else %}{% if true %}w{% endif %}{% endif %}": "w",
    "{% set short = question.strip() %}{{short}}{{short}}": "Why?Why?",
    "a {%- if true %} b {%- endif -%} c": "a bc",
    "{# nothing #}{% raw %}{{ as it is }}{% endraw %}": "{{ as it is }}",
    "{{ none }}{{ true }}{{ 2 > 1 }}": "TrueTrue",
    "plain { text }": "plain { text }",
}


@pytest.mark.parametrize("source", FILLED)
def test_it_is_filled(source: str) -> None:
    assert PromptTemplate(source).fill(FIELDS) == FILLED[source]


@pytest.mark.parametrize("source", FILLED)
def test_it_is_what_jinja_writes(source: str) -> None:
    jinja2 = pytest.importorskip("jinja2")
    expected = jinja2.Environment().from_string(source.replace("none", "''")).render(FIELDS)
    assert PromptTemplate(source).fill(FIELDS) == expected


def test_a_single_expression_keeps_its_value() -> None:
    assert PromptTemplate("{{choices}}").value(FIELDS) == ["a", "b", "c"]
    assert PromptTemplate("{{answer}}").value(FIELDS) == 1
    assert PromptTemplate(" {{answer}}").value(FIELDS) == " 1"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ question.__class__ }}", "no item '__class__'"),
        ("{{ question.format(1) }}", "'format' is not known"),
        ("{{ question|attr('x') }}", "'attr' is not known"),
        ("{{ range(99) }}", "'range' is not understood"),
        ("{{ missing }}", "no field 'missing'; there are answer, choices"),
        ("{{ deep.other }}", "no field 'other'; there are text"),
        ("{{ choices[7] }}", "no item 7"),
        ("{{ 'a' * 999999999 }}", r"\* does not work on 'a'"),
        ("{{ 1 / 0 }}", "/ does not work"),
        ("{{ 1 + 'a' }}", r"\+ does not work"),
        ("{{ -question }}", "- does not work on 0, ' Why"),
        ("{{ ''|first }}", "first does not work on ''"),
        ("{{ answer.strip() }}", "strip does not work on 1"),
        ("{{ ", "never ends"),
        ("{{ a b }}", "'b' is not understood"),
        ("{{ 1 + }}", "ends too early"),
        ("{% if answer %}", "endif %} is missing"),
        ("{% endfor %}", "'endfor' closes nothing"),
        ("{% include 'x' %}", "include %} is not known"),
        ("{% for x in answer %}{% endfor %}", "a loop needs a list"),
        ("{{ " + "(" * 99 + "1" + ")" * 99 + " }}", "nested too deeply"),
        ("{{ " + "not " * 999 + "1 }}", "more than 300 words"),
    ],
)
def test_nothing_else_can_be_written(source: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        PromptTemplate(source).fill(FIELDS)


def test_a_template_cannot_grow_without_end() -> None:
    fields = {**FIELDS, "choices": ["x" * 999] * 12}
    grown = "{% for a in choices %}" * 8 + "{{ a }}" + "{% endfor %}" * 8
    with pytest.raises(Refused, match="million letters"):
        PromptTemplate(grown).fill(fields)
    with pytest.raises(Refused, match="loops turn more than 20,000 times"):
        PromptTemplate(grown.replace("{{ a }}", "")).fill(fields)


@pytest.mark.parametrize(
    "source",
    ["{{ x.replace('', x) }}", "{{ x|replace('', x) }}", "{{ x.join(y) }}", "{{ y|join(x) }}"],
)
def test_what_would_be_too_long_is_not_made(source: str) -> None:
    fields = {"x": "x" * 1_000_000, "y": [""] * 1_000_000}
    with pytest.raises(Refused, match="does not work"):
        PromptTemplate(source).fill(fields)


def test_numbers_do_not_grow_without_end() -> None:
    squared = "{% set n = 99 %}" + "{% set n = n * n %}" * 40 + "{{ n }}"
    with pytest.raises(Refused, match=r"\* does not work"):
        PromptTemplate(squared).fill({})
