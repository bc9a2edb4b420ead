"""Templates are cut as Jinja cuts them, and what is no Jinja is said to be none."""

from __future__ import annotations

import pytest

from freehold.errors import FormatError
from freehold.study.template.lexer import PieceKind, cut


def kinds(template: str) -> list[tuple[str, str]]:
    return [(piece.kind.value, piece.text.strip()) for piece in cut(template)]


def words(template: str) -> list[str]:
    return [word.text for piece in cut(template) for word in piece.words]


def test_text_outputs_statements_comments() -> None:
    assert kinds("a{{- x -}}b{%+ if y %}c{# no #}{% endif -%}") == [
        ("text", "a"),
        ("output", "x"),
        ("text", "b"),
        ("statement", "if y"),
        ("text", "c"),
        ("comment", "no"),
        ("statement", "endif"),
    ]


def test_signs_inside_quotes_and_braces_end_nothing() -> None:
    assert words("{{ 'a }} %} b' ~ {'k': {'n': 1}} }}!") == [
        *("a }} %} b", "~", "{", "k", ":", "{", "n", ":", "1", "}", "}"),
    ]
    assert kinds("{{ {'a': 1} }}!")[-1] == ("text", "!")


def test_what_is_raw_is_text() -> None:
    assert kinds("{%- raw -%}{{ x }}{% y %}{%- endraw %}z") == [
        ("text", "{{ x }}{% y %}"),
        ("text", "z"),
    ]


def test_strings_are_what_they_stand_for() -> None:
    assert words(r"{{ '\x5f\x5fclass\u005f_' ~ 'it\'s\n' }}") == ["__class__", "~", "it's\n"]


def test_each_word_knows_its_place() -> None:
    template = "ab{{ name.first }}"
    for word in cut(template)[1].words:
        assert template[word.at :].startswith(word.text)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ x", "a statement never ends, at character 2"),
        ("{% if 'x %}", "means nothing, at character 6"),
        ("{# x", "a comment never ends, at character 0"),
        ("{{ x ) }}", r"'\)' closes nothing, at character 5"),
        ("{{ ( x ] }}", "closes nothing"),
        ("{{ a $ b }}", "means nothing, at character 5"),
        ("{% raw %}x", "raw text never ends, at character 0"),
        ("x" * (1 << 18) + "x", "262,145 characters"),
        ("{% for a in b %}" * 65, "more than 64 deep, at character 1,024"),
        ("{{ x }}" * 6001, "more than 6,000 parts"),
    ],
)
def test_what_is_no_jinja(template: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        cut(template)


def test_it_agrees_with_jinja_itself() -> None:
    jinja2 = pytest.importorskip("jinja2")
    for template in (
        "{% for m in messages if m['role'] != 'x' %}{{ m.content | trim ~ '\\n' }}{% endfor %}",
        "{%- set ns = namespace(a=[1, 2.5e3]) -%}{{ ns.a[::-1] // 2 ** 3 }}{# {{ #}",
        "{% macro f(x, y={'a': {}}) %}{{ x }}{% endmacro %}{% raw %}{{{% endraw %}",
    ):
        theirs = [
            (kind, value)
            for _, kind, value in jinja2.Environment(autoescape=True).lex(template)
            if kind in {"name", "operator", "string", "integer", "float"}
        ]
        raw = {"raw", "endraw"}
        expected = [value.strip("'") if kind == "string" else value for kind, value in theirs]
        found = [word.text.replace("\n", "\\n") for piece in cut(template) for word in piece.words]
        assert found == [value for value in expected if value not in raw]


def test_kinds_are_words() -> None:
    assert {str(kind) for kind in PieceKind} == {"text", "output", "statement", "comment"}
