"""The answer of `freehold fit` as one JSON document. Sizes are bytes, rates tokens a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freehold.actions.fit import DEPTH
from freehold.actions.fit_words import READING_SPEED

if TYPE_CHECKING:
    from freehold.actions.ask_fit import FitReport, NamedFit
    from freehold.actions.fit import FitRow
    from freehold.actions.fit_tasks import TaskAnswer
    from freehold.device.estimates import MemoryNeed, Rate, SpeedEstimate


def fit_json(report: FitReport) -> dict[str, Any]:
    """Everything, with nothing left out for being of no use."""
    capacity, device = report.machine.capacity, report.machine.device
    calibration = report.machine.calibration
    return {
        "device": {
            "name": device.name,
            "fingerprint": device.fingerprint,
            "processor": device.processor.name,
            "memory_bytes": capacity.total,
            "usable_bytes": capacity.usable,
            "free_bytes": capacity.free,
        },
        "speed_stands_on": None if calibration is None else str(calibration.basis),
        "calibrated_at": (calibration.when or None) if calibration is not None else None,
        "context_tokens": report.wishes.context,
        "speed_at_tokens": DEPTH,
        "reading_tokens_per_second": round(READING_SPEED, 2),
        "tasks": [_task(answer) for answer in report.answers],
        "models": [_row(row) for row in report.rows],
        "asked": [_named(each) for each in report.named],
    }


def _task(answer: TaskAnswer) -> dict[str, Any]:
    return {
        "task": answer.task,
        "place": str(answer.place),
        "words": answer.words,
        "model": answer.model.subject.name if answer.model else None,
        "benchmark": answer.benchmark,
        "score": answer.score,
        "best_listed": answer.best.subject.name if answer.best else None,
        "best_score": answer.best_score,
    }


def _named(named: NamedFit) -> dict[str, Any]:
    best = named.best.build
    return {
        "name": named.name,
        "best": None if best is None else {"quantization": best.quantization, "ref": best.ref},
        "verdict": str(named.best.verdict),
        "words": named.best.words,
        "fetched_bytes": named.fetched,
        "not_fetched_bytes": named.size,
        "unread": [{"name": name, "why": why} for name, why in named.unread],
        "builds": [_row(row) for row in named.rows],
    }


def _row(row: FitRow) -> dict[str, Any]:
    subject = row.subject
    return {
        "name": subject.name,
        "owned": subject.owned,
        "tasks": list(subject.tasks),
        "licence": {"name": subject.licence, "kind": subject.licence_kind},
        "quality": [
            {
                "benchmark": each.benchmark,
                "score": each.score,
                "setting": each.setting,
                "source": each.source,
            }
            for each in subject.quality
        ],
        "quantization": row.build.quantization if row.build else None,
        "ref": row.build.ref if row.build else None,
        "parameters": row.build.shape.parameters if row.build else None,
        "context_tokens": row.context,
        "memory": None if row.need is None else _memory(row.need),
        "speed": None if row.speed is None else _speed(row.speed),
        "verdict": str(row.verdict),
        "words": row.words,
    }


def _memory(need: MemoryNeed) -> dict[str, Any]:
    return {
        "total_bytes": need.total,
        "needed_bytes": need.least,
        "weights_bytes": need.weights,
        "cache_bytes": need.cache,
        "compute_bytes": need.compute,
        "output_bytes": need.output,
        "overhead_bytes": need.overhead,
        "not_counted": list(need.missing),
    }


def _speed(speed: SpeedEstimate) -> dict[str, Any]:
    return {
        "at_tokens": speed.depth,
        "prompt": _rate(speed.prefill),
        "answer": _rate(speed.decode),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "tokens_per_second": rate.expected,
        "low": rate.low,
        "high": rate.high,
        "stands_on": str(rate.basis),
        "runs": rate.runs,
    }
