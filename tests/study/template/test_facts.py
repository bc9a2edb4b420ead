"""What templates know and say by themselves."""

from __future__ import annotations

import pytest

from freehold.study.template.facts import read_template

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' "
    "+ message['content'] + '<|im_end|>' }}{% endfor %}"
)
MANY = (
    "{% for m in messages %}{% if m.role == 'user' or m['role'] in ['developer', 'system'] %}"
    "{{ m.content }}{% elif m.role != 'tool' %}{{ raise_exception('Only these roles, please') }}"
    "{% endif %}{% endfor %}"
)


def test_a_role_that_is_written_as_it_is() -> None:
    facts = read_template(CHATML)
    assert facts.takes_any_role
    assert facts.roles == ()
    assert not facts.prose


def test_roles_that_are_told_apart() -> None:
    facts = read_template(MANY)
    assert facts.roles == ("user", "developer", "system", "tool")
    assert not facts.takes_any_role
    assert [said.text for said in facts.refusals] == ["Only these roles, please"]
    assert not facts.prose  # a refusal is shown to a program, not to the model


@pytest.mark.parametrize(
    ("template", "knows"),
    [
        ("{% if tools %}{% endif %}", ("tools",)),
        ("{% if m.tool_calls is defined %}{% endif %}", ("tools",)),
        ("{% if enable_thinking %}{% endif %}", ("thinking",)),
        ("{{ '<think>\\n' }}", ("thinking",)),
        ("<|channel|>analysis", ("thinking",)),
        ("{{ strftime_now('%d %b %Y') }}", ("clock",)),
        ("{{ bos_token }}", ()),
    ],
)
def test_tools_thoughts_and_the_clock(template: str, knows: tuple[str, ...]) -> None:
    facts = read_template(template)
    assert tuple(each for each in ("tools", "thinking", "clock") if getattr(facts, each)) == knows


def test_every_sentence_of_its_own_is_found_with_its_place() -> None:
    template = (
        "<|system|>\nYou are Zed, a careful machine.{{ 'Never say its name.' }}{{ '<|user|>' }}"
    )
    facts = read_template(template)
    assert [said.text for said in facts.prose] == [
        "<|system|>\nYou are Zed, a careful machine.",
        "Never say its name.",
    ]
    assert all(said.text[:5] in template[said.at : said.at + 6] for said in facts.prose)
