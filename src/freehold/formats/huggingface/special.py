"""Which tokens are marks: what begins and ends a text, ends an answer, fills up; and templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from freehold.errors import FormatError
from freehold.formats.gguf_types import ValueType
from freehold.formats.gguf_write import ArrayOf, Entry
from freehold.formats.huggingface.folder import Checkpoint
from freehold.formats.huggingface.tokens import ROLES, Tokens
from freehold.formats.strict_json import Object

GENERATION, TEMPLATE, MORE_TEMPLATES = (
    "generation_config.json", "chat_template.jinja", "additional_chat_templates",
)  # fmt: skip
ENDS_A_TURN = ("<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>")
"""Marks that end an answer in chats, as llama.cpp knows them by their text."""
_BEGINNERS = frozenset(
    {"LlamaTokenizer", "LlamaTokenizerFast", "GemmaTokenizer", "GemmaTokenizerFast"}
)
"""Tokenizers that obey `add_bos_token` whatever tokenizer.json says."""


def special_tokens(
    checkpoint: Checkpoint, settings: Mapping[str, Any], texts: Sequence[str]
) -> dict[str, int]:
    """Ids by role, `eot` among them where an answer has an end of its own."""
    generation = checkpoint.document(GENERATION) or {}
    ids = {text: token for token, text in enumerate(texts)}
    found: dict[str, int] = {}
    for role in ROLES:
        named = settings.get(f"{role}_token")
        named = named.get("content") if isinstance(named, dict) else named
        token = ids.get(named) if isinstance(named, str) else None
        for config in (checkpoint.config, generation):
            if token is None:
                token = next(_ids(config.get(f"{role}_token_id"), len(texts)), None)
        if token is not None:
            found[role] = token
    ends = [*_ids(generation.get("eos_token_id"), len(texts))]
    ends += _ids(checkpoint.config.get("eos_token_id"), len(texts))
    turn = next((token for token in ends if texts[token] in ENDS_A_TURN), None)
    if turn is not None and turn != found.get("eos"):
        found["eot"] = turn
    return found


def begins_and_ends(
    document: Object | None, settings: Mapping[str, Any], special: Mapping[str, int], tokens: Tokens
) -> tuple[bool, bool]:
    """Whether a text gets a mark before it, and one after it."""
    begin, end = _around(document, special, tokens)
    class_name = settings.get("tokenizer_class")
    if document is None or class_name in _BEGINNERS:
        default = tokens.model == "llama" if document is None else begin
        begin = bool(_or(settings.get("add_bos_token"), default))
        end = bool(_or(settings.get("add_eos_token"), end))
    return begin and "bos" in special, end and "eos" in special


def template_entries(checkpoint: Checkpoint, settings: Mapping[str, Any]) -> list[Entry]:
    """Chat templates, as they are. Raises FormatError."""
    named = dict(_templates(checkpoint, settings))
    key = "tokenizer.chat_template"
    entries = []
    if (default := named.pop("default", None)) is not None:
        entries.append(Entry(key, ValueType.STRING, default))
    if named:
        names = ArrayOf(ValueType.STRING, sorted(named))
        entries.append(Entry("tokenizer.chat_templates", ValueType.ARRAY, names))
        entries += [Entry(f"{key}.{name}", ValueType.STRING, named[name]) for name in sorted(named)]
    return entries


def _templates(checkpoint: Checkpoint, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    older = checkpoint.document("chat_template.json") or {}
    for said in (settings.get("chat_template"), older.get("chat_template")):
        if isinstance(said, str):
            yield "default", said
        for each in said if isinstance(said, list) else ():
            match each:
                case {"name": str(name), "template": str(template)}:
                    yield _fit(name), template
    if (whole := checkpoint.text(TEMPLATE)) is not None:
        yield "default", whole
    for path in sorted((checkpoint.folder / MORE_TEMPLATES).glob("*.jinja")):
        yield _fit(path.stem), checkpoint.text(f"{MORE_TEMPLATES}/{path.name}") or ""


def _fit(name: str) -> str:
    if name != Path(name).name or not 0 < len(name) <= 60 or not name.isprintable():
        raise FormatError(f"A chat template is called {name[:60]!r}, which is no name.")
    return name


def _around(
    document: Object | None, special: Mapping[str, int], tokens: Tokens
) -> tuple[bool, bool]:
    """What a tokenizer.json's `post_processor` puts around a text."""
    rules = (document or {}).get("post_processor")
    every = rules.get("processors", [rules]) if isinstance(rules, dict) else []
    for rule in every if isinstance(every, list) else ():
        if not isinstance(rule, dict) or rule.get("type") != "TemplateProcessing":
            continue
        pattern = rule.get("single")
        marks = [_mark(each, tokens) for each in pattern] if isinstance(pattern, list) else []
        if marks:
            begin, end = special.get("bos"), special.get("eos")
            return (
                begin is not None and marks[0] == begin,
                len(marks) > 1 and end is not None and marks[-1] == end,
            )
    return False, False


def _mark(each: Any, tokens: Tokens) -> int | None:
    match each:
        case {"SpecialToken": {"id": str(text)}} if text in tokens.texts:
            return tokens.texts.index(text)
    return None


def _ids(value: Any, rows: int) -> Iterator[int]:
    for each in value if isinstance(value, list) else [value]:
        if type(each) is int and 0 <= each < rows:
            yield each


def _or(value: Any, default: bool) -> Any:
    return default if value is None else value
