"""Cases by the thousand, made by schemathesis from the server's own description of itself.

Half of them are what the description allows and half are not; most name a model that is owned. What
has to hold for each: an answer comes, it is no server error but 503 with a reason, and it has the
shape that the description gives to it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jsonschema
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

OWNED = "alpha"
LEFT_OUT = {"POST /api/pull"}
"""It would ask registries for names made of noise."""
_PATIENCE = 60  # seconds: longer is a server that hangs


@dataclass
class Fuzzed:
    """What came of it."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By operation."""
    complaints: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """How many there were."""
        return sum(self.statuses.values())


def operations(document: dict[str, Any]) -> Iterator[Any]:
    """Every operation to be tried."""
    described: Any = schemathesis.openapi.from_dict(document)
    for found in described.get_all_operations():
        operation = found.ok()
        if operation.label not in LEFT_OUT:
            yield operation


def fuzz(address: str, document: dict[str, Any], each: int, *, number: int = 0) -> Fuzzed:
    """Try every operation with `each` cases. `number` chooses which; the same give the same."""
    fuzzed = Fuzzed()
    with requests.Session() as session:
        for operation in operations(document):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _fuzz_one(address, operation, mode, max(1, each // 2), number, session, fuzzed)
    return fuzzed


def _fuzz_one(
    address: str,
    operation: Any,
    mode: Any,
    count: int,
    number: int,
    session: requests.Session,
    fuzzed: Fuzzed,
) -> None:
    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        done = fuzzed.cases
        if isinstance(case.body, dict) and done % 4:
            case.body = {
                name: OWNED if name in {"model", "from", "source"} else value
                for name, value in case.body.items()
            }
        try:
            answer = case.call(base_url=address, session=session, timeout=_PATIENCE)
        except requests.exceptions.Timeout:
            fuzzed.statuses[operation.label, 0] += 1
            fuzzed.complaints.append(f"{operation.label}: no answer to {_shown(case)}")
            return
        fuzzed.statuses[operation.label, answer.status_code] += 1
        if wrong := complaint(operation.definition.raw, operation, answer):
            fuzzed.complaints.append(f"{operation.label}: {wrong} to {_shown(case)}")

    try:
        one()
    except schemathesis.errors.SchemathesisError as error:  # nothing can be wrong with it
        if "negat" not in str(error).lower() and "unsatisfiable" not in str(error).lower():
            raise
    except Exception as error:
        if type(error).__name__ not in {"Unsatisfiable", "SkipTest"}:
            raise


def complaint(definition: dict[str, Any], operation: Any, answer: Any) -> str | None:
    """What is wrong with an answer; None when nothing is."""
    status = answer.status_code
    if status >= 500 and status != 503:
        return f"status {status}: {answer.text[:200]}"
    told = definition["responses"]
    about = told.get(str(status)) or told.get(f"{status // 100}XX")
    if about is None:
        return f"status {status}, which is not described"
    kinds = about.get("content", {})
    if not answer.content:
        return None if not kinds or status == 200 else f"status {status} without a word"
    kind = answer.headers["content-type"][0].partition(";")[0]
    if kind not in kinds:
        return f"status {status} as {kind}"
    if kind != "application/json":
        return None
    schema = kinds[kind]["schema"]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = operation.schema.raw_schema["components"]["schemas"][name]
    try:
        jsonschema.validate(json.loads(answer.content), schema)
    except (ValueError, jsonschema.ValidationError) as error:
        return f"status {status} in another shape: {str(error)[:200]}"
    return None


def _shown(case: Any) -> str:
    return f"{case.path_parameters or ''} {str(case.body)[:400]}"
