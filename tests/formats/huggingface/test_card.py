"""A README's front matter: what is said is taken over, what is none or harmful is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.formats.huggingface.card import card_entries, card_of, lineage_entries
from freehold.formats.huggingface.folder import Checkpoint


def said(tmp_path: Path, readme: str) -> dict[str, object]:
    (tmp_path / "README.md").write_text(readme)
    card = card_of(Checkpoint(tmp_path, {}, {}, (), ()))
    entries = [*card_entries(card), *lineage_entries(card)]
    return {entry.key: entry.value for entry in entries if isinstance(entry.value, str)}


def test_licence_and_lineage(tmp_path: Path) -> None:
    found = said(
        tmp_path, "---\nlicense: other\nlicense_name: a & b\nbase_model: [o/n]\n---\n# M\n"
    )
    assert found == {
        "general.license": "other",
        "general.license.name": "a & b",
        "general.base_model.0.name": "n",
        "general.base_model.0.organization": "o",
        "general.base_model.0.repo_url": "https://huggingface.co/o/n",
    }


@pytest.mark.parametrize(
    "readme",
    [
        "# No front matter",
        "---\nlicense: [unclosed\n---\n",
        "---\njust text\n---\n",
        "---\nlicense: 7\nbase_model: /home/me/run\n---\n",
        "---\na: &a [x, x]\nb: &b [*a, *a]\nlicense: mit\n---\n",
    ],
)
def test_nothing_else(tmp_path: Path, readme: str) -> None:
    assert said(tmp_path, readme) == {}
