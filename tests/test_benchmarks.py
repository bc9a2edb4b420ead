"""benchmarks/README.md says what there is, and owns up to what was missed."""

from __future__ import annotations

import importlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from freehold.civic.clauses.learned.table import Table


@pytest.fixture
def page(repository: Path) -> str:
    """The page."""
    return (repository / "benchmarks" / "README.md").read_text(encoding="utf-8")


def test_it_names_each_bar_that_was_not_met(page: str, repository: Path) -> None:
    kept = (repository / "benchmarks" / "results").glob("*.json")
    missed = {path.stem for path in kept if json.loads(path.read_text()).get("met") is False}
    (said,) = re.findall(r"\nNot met there: (.*?)\n\n", page, flags=re.DOTALL)
    assert set(re.findall(r"`(\w+)`", said)) == missed


def test_every_script_has_a_row(page: str, repository: Path) -> None:
    scripts = (repository / "benchmarks").glob("*.py")
    measuring = {path.name for path in scripts if "\ndef main() -> int:" in path.read_text()}
    assert set(re.findall(r"^\| `(\w+\.py)", page, flags=re.MULTILINE)) == measuring


def test_the_worked_example_never_tests_with_what_it_taught(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    lessons = importlib.import_module("civics_lessons")
    said = [
        {"question": "What is the supreme law of the land?", "answers": ["the Constitution"]},
        {"question": "What are two rights?", "answers": ["life", "liberty", "hope"]},
        {"question": "Who was the first President?", "answers": ["(George) Washington"]},
        {"question": "What ocean is in the West?", "answers": ["Pacific (Ocean)"]},
        {"question": "Who is the President now?", "answers": ["somebody"]},
        {"question": "Who is your Governor?", "answers": ["varies by state"]},
    ]
    with zipfile.ZipFile(tmp_path / "data.whl", "w") as archive:
        archive.writestr(lessons.MEMBER, json.dumps(said))
    facts = lessons.facts(tmp_path / "data.whl")
    answers = ["The Constitution.", "Life, liberty.", "George Washington.", "Pacific."]
    assert [fact.answer for fact in facts] == answers
    paths = lessons.write(facts, ["Once upon a time"], tmp_path)
    sets = {
        name: [json.loads(line) for line in path.read_text().splitlines()]
        for name, path in paths.items()
    }
    assert [len(sets[name]) for name in ("learn", "stop", "measure")] == [17, 2, 4]
    assert sets["measure"][0]["prompt"] == "What supreme law land?"
    asked = {name: {each.get("prompt") for each in found} for name, found in sets.items()}
    assert not asked["learn"] & (asked["stop"] | asked["measure"])


def test_weights_as_they_are_kept_say_what_was_learned(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    learning = importlib.import_module("bill_learning")

    def unit(kind: str, *facts: str) -> Any:
        return learning.Unit("s", "n", kind, frozenset(facts), False, False, kind, False, True)

    seen = [unit("licence", "permit", "train"), unit("use", "fraud", "train")] * 3
    seen += [unit("neutral", "report", "fee")] * 4
    model = learning.Model.learned(seen)
    model.keep(tmp_path / "weights.json")
    kept = json.loads((tmp_path / "weights.json").read_text())
    table = Table(tuple(kept["classes"]), tuple(kept["bias"]), kept["weights"])
    for each, likeliest in ((seen[0], "licence"), (seen[1], "use"), (seen[-1], "neutral")):
        shares = table.shares(each.facts)
        assert max(shares, key=shares.__getitem__) == likeliest
        exact = dict(zip(learning.CLASSES, model.shares([each])[0], strict=True))
        assert all(abs(shares[name] - exact[name]) < 0.02 for name in shares)
