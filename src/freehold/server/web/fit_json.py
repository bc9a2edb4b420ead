"""What this machine can run, as the fit page shows it. Nothing is measured for a page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.actions.ask_fit import FitQuestion, FitReport, ask_fit
from freehold.actions.fit_tasks import shortlist
from freehold.progress import SILENT
from freehold.server.owned import settings_of
from freehold.store.libraries import Libraries

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.actions.fit import FitRow
    from freehold.server.protocol import Call
    from freehold.settings import Settings


async def show_fit(call: Call) -> Response:
    """Every model of the catalogue and of those owned, judged for this machine."""
    settings = settings_of(call.desk)
    return JSONResponse(await asyncio.to_thread(_judged, settings))


def _judged(settings: Settings) -> dict[str, Any]:
    with Libraries(settings.home) as libraries:
        report = ask_fit(FitQuestion(calibrate=False), libraries, settings, SILENT)
    short = {row.subject.name for row in shortlist(report.rows)}
    return {
        "device": _device(report),
        "tasks": [
            {"task": each.task, "place": str(each.place), "words": each.words}
            for each in report.answers
        ],
        "models": [_row(row, short=row.subject.name in short) for row in report.rows],
    }


def _device(report: FitReport) -> dict[str, Any]:
    device, capacity = report.machine.device, report.machine.capacity
    calibration = report.machine.calibration
    return {
        "processor": device.processor.name,
        "cores": device.processor.usable_cores,
        "memory_bytes": capacity.total,
        "usable_bytes": capacity.usable,
        "free_bytes": capacity.free,
        "gpus": [gpu.name for gpu in device.gpus],
        "speed_stands_on": None if calibration is None else str(calibration.basis),
        "calibrated_at": (calibration.when or None) if calibration is not None else None,
        "context_tokens": report.wishes.context,
    }


def _row(row: FitRow, *, short: bool) -> dict[str, Any]:
    subject, speed = row.subject, row.speed
    rate = None if speed is None else speed.decode if subject.writes else speed.prefill
    return {
        "name": subject.name,
        "owned": subject.owned,
        "short": short,
        "tasks": list(subject.tasks),
        "licence": subject.licence,
        "licence_class": subject.licence_kind,
        "quantization": row.build.quantization if row.build else None,
        "ref": row.build.ref if row.build else None,
        "bytes": None if row.need is None else row.need.least,
        "rate": None if rate is None else [rate.low, rate.expected, rate.high],
        "verdict": str(row.verdict),
        "words": row.words,
    }
