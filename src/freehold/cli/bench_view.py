"""What was measured, shown: a table, Markdown, JSON, a chart. Each names the machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from freehold.cli.svg_bars import BarChart, Row, bar_chart
from freehold.cli.terminal import print_table, printable
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.bench import BenchResult, Spread
    from freehold.device.estimates import Rate
    from freehold.device.machine import Device

_RIGHT = {1, 4, 5, 6, 7, 8, 9, 10}


def print_results(results: Sequence[BenchResult], device: Device, *, markdown: bool) -> None:
    """The table, and the machine it was measured on."""
    rows = [row for result in results for row in _rows(result)]
    headings = _headings(results)
    if markdown:
        print(_markdown(headings, rows))
        print(f"\n{machine_line(device)}")
        return
    print_table(headings, rows, _RIGHT)
    print(printable(machine_line(device)))


def machine_line(device: Device) -> str:
    """The machine in one line."""
    processor, total = device.processor, device.memory.total
    parts = [
        processor.name or processor.architecture or "an unknown processor",
        f"{processor.usable_cores:g} cores usable" if processor.usable_cores else "",
        f"{human_bytes(total)} of memory" if total else "",
        device.system or "",
    ]
    return ", ".join(part for part in parts if part)


def document(results: Sequence[BenchResult], device: Device, others: float) -> dict[str, Any]:
    """What `--json` prints. Rates are tokens per second, times seconds, sizes bytes."""
    from freehold.device.plain import to_plain

    return {
        "format": "freehold-bench",
        "version": 1,
        "machine": machine_line(device),
        "device": device.fingerprint,
        "used_by_others": round(others, 3),
        "prompt_tokens": 512,
        "answer_tokens": 128,
        "results": [to_plain(result) for result in results],
    }


def bench_chart(results: Sequence[BenchResult], device: Device) -> str:
    """Answer speeds as bars: reading is so much faster that both in one chart would hide them."""
    return bar_chart(
        BarChart(
            title="How fast models write here",
            value_label="tokens per second",
            names=("at the start", "deep in the context"),
            rows=tuple(
                Row(_label(result), (result.decode.median, result.deep_decode.median))
                for result in results
            ),
            subtitle=machine_line(device),
        )
    )


def _label(result: BenchResult) -> str:
    return f"{result.model} (tuned)" if result.tuned else result.model


def _headings(results: Sequence[BenchResult]) -> tuple[str, ...]:
    depths = {result.depth for result in results}
    deep = f"WRITE 128 @{depths.pop():,}" if len(depths) == 1 else "WRITE 128 DEEP"
    return (
        "MODEL",
        "SIZE",
        "TYPE",
        "ENGINE",
        "THREADS",
        "READ 512 t/s",
        "WRITE 128 t/s",
        deep,
        "FIRST TOKEN s",
        "LOAD s",
        "PEAK MEMORY",
    )


def _rows(result: BenchResult) -> Iterator[tuple[str, ...]]:
    yield (
        result.model,
        human_bytes(result.size),
        result.type or "?",
        f"{result.engine}, tuned" if result.tuned else result.engine,
        str(result.threads),
        _rate(result.prefill),
        _rate(result.decode),
        _rate(result.deep_decode),
        _seconds(result.first_token),
        _seconds(result.load),
        human_bytes(result.memory),
    )
    told = result.predicted
    if told is not None:
        rates = (told.shallow.prefill, told.shallow.decode, told.deep.decode)
        bands = [_band(rate) for rate in rates]
        yield "  predicted", "", "", "", "", *bands, "", "", human_bytes(told.memory)


def _rate(figure: Spread) -> str:
    return f"{figure.median:.1f} ± {figure.deviation:.1f}"


def _seconds(figure: Spread) -> str:
    return f"{figure.median:.2f} ± {figure.deviation:.2f}"


def _band(rate: Rate) -> str:
    return f"{rate.expected:.1f} ({rate.low:.0f} to {rate.high:.0f})"


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells come from names in files: a bar in one would begin another column."""
    marks = ["---:" if index in _RIGHT else "---" for index in range(len(headings))]
    cells = [[printable(cell).replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, marks, *cells))
