"""What the engine says of the machine and of itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from freehold.engine import devices
from freehold.engine.devices import DeviceType, cpu_features, engine_view, read_view
from freehold.errors import EngineError


def test_the_installed_engine_sees_the_processor() -> None:
    view = engine_view()
    (processor,) = [each for each in view.devices if each.type is DeviceType.PROCESSOR]
    assert processor.backend == "CPU"
    assert processor.memory_total
    assert view.version
    assert view.features


def test_devices_are_told_apart() -> None:
    said = {
        "version": "1",
        "system": "CUDA : ARCHS = 890 | CPU : AVX2 = 1 | ",
        "devices": [
            {"name": name, "description": words, "type": kind, "memory_total": total,
             "memory_free": free}
            for name, words, kind, total, free in (
                ("CUDA0", "RTX", "gpu", 8, 6),
                ("Vulkan1", "Iris", "igpu", 0, 0),
                ("MTL0", "M1", "gpu", 4, 4),
                ("New7", "", "meta", 0, 0),
            )
        ],
    }  # fmt: skip
    view = read_view(json.dumps(said).encode())
    assert [(each.backend, each.type) for each in view.devices] == [
        ("CUDA", DeviceType.GPU),
        ("Vulkan", DeviceType.INTEGRATED_GPU),
        ("Metal", DeviceType.GPU),
        ("New", DeviceType.OTHER),
    ]
    assert [each.memory_free for each in view.devices] == [6, None, 4, None]
    assert view.features == ("AVX2",)


def test_only_what_is_on_and_the_processors_counts() -> None:
    line = "CUDA : ARCHS = 890 | FORCE_MMQ = 1 | CPU : SSE3 = 1 | AVX512 = 0 | REPACK = 1 | "
    assert cpu_features(line) == ("SSE3", "REPACK")
    assert cpu_features("") == ()


def test_an_engine_that_breaks_is_an_error_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "look.py"
    script.write_text("import sys; print('driver on fire', file=sys.stderr); sys.exit(3)")
    monkeypatch.setattr(devices, "_SCRIPT", script)
    with pytest.raises(EngineError, match="driver on fire"):
        engine_view()
    script.write_text("import os; os.abort()")
    with pytest.raises(EngineError, match="left no word"):
        engine_view()


def test_an_engine_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "look.py"
    script.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(devices, "_SCRIPT", script)
    monkeypatch.setattr(devices, "_PATIENCE_SECONDS", 0.2)
    with pytest.raises(EngineError, match="a driver may hang"):
        engine_view()
