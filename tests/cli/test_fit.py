"""`freehold fit`: answers for a machine that is described, and honest about what they stand on."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Say
from tests.formats.conftest import Entry, Tensor, build_gguf
from tests.sources.conftest import Page, Site
from tests.sources.test_huggingface import Hub

from freehold.actions.describe_device import describe_device
from freehold.actions.engines import engine_for, identity_of
from freehold.actions.learning import plan_digest
from freehold.actions.load import LoadChoices, chosen_plan
from freehold.device.calibration import save_calibration
from freehold.device.estimates import Basis
from freehold.device.machine import Device, MainMemory, Processor
from freehold.device.measured import MeasuredRun, keep_run
from freehold.device.published import specified
from freehold.formats.gguf_types import ValueType
from freehold.settings import Settings
from freehold.store.store import Store

GB = 10**9


@pytest.fixture
def laptop(tmp_path: Path) -> Path:
    """An everyday laptop with 16 GB, as `freehold device --json` would describe it."""
    device = Device(
        processor=Processor("A processor", "x86_64", ("AVX", "AVX2", "FMA"), 4, 8, max_mhz=3_000),
        memory=MainMemory(total=16 * GB, bandwidth=50 * GB),
        name="laptop",
    )
    path = tmp_path / "laptop.json"
    path.write_text(json.dumps(device.to_json()))
    return path


def header(family: str = "llama", layers: int = 4) -> bytes:
    """A small model with everything that a prediction needs."""
    numbers = {
        "block_count": layers,
        "context_length": 2048,
        "embedding_length": 256,
        "feed_forward_length": 512,
        "attention.head_count": 4,
        "attention.head_count_kv": 2,
    }
    entries: list[Entry] = [("general.architecture", ValueType.STRING, family)]
    entries += [(f"{family}.{key}", ValueType.UINT32, value) for key, value in numbers.items()]
    entries.append(
        ("tokenizer.ggml.tokens", ValueType.ARRAY, (ValueType.STRING, ["a", "b", "c", "d"]))
    )
    tensors: list[Tensor] = [
        ("token_embd.weight", (256, 4), 1, None),
        ("blk.0.attn_q.weight", (256, 256), 1, None),
    ]
    return build_gguf(entries, tensors)


def test_every_model_has_memory_speed_licence_and_a_verdict(say: Say, laptop: Path) -> None:
    found = say("fit", "--device", laptop, "--json").json
    assert found["speed_stands_on"] == "specified"
    assert found["device"]["memory_bytes"] == 16 * GB
    models = {row["name"]: row for row in found["models"]}
    assert len(models) > 20
    small = models["smollm2-135m-instruct"]
    assert small["licence"] == {"name": "Apache-2.0", "kind": "open source"}
    memory = small["memory"]
    parts = ("weights", "cache", "compute", "output", "overhead")
    assert memory["total_bytes"] == sum(memory[f"{part}_bytes"] for part in parts)
    answer = small["speed"]["answer"]
    assert answer["low"] < answer["tokens_per_second"] < answer["high"]
    assert small["verdict"] == "fits"
    assert small["words"].startswith("fits: about ")
    for row in models.values():
        if row["verdict"] == "does not fit":
            assert row["memory"]["needed_bytes"] > found["device"]["usable_bytes"]
        elif row["verdict"] != "unknown":
            assert row["memory"]["needed_bytes"] <= found["device"]["usable_bytes"]


def test_a_larger_machine_runs_larger_models(say: Say, laptop: Path) -> None:
    small = say("fit", "--device", laptop, "--json").json
    text = laptop.read_text().replace(str(16 * GB), str(2 * GB))
    laptop.write_text(text)
    smaller = say("fit", "--device", laptop, "--json").json
    counts = [
        sum(row["verdict"] == "does not fit" for row in each["models"]) for each in (small, smaller)
    ]
    assert counts[0] < counts[1]


def test_in_a_pipe_it_is_plain_and_says_what_it_stands_on(say: Say, laptop: Path) -> None:
    said = say("fit", "--device", laptop)
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "█" not in said.out
    assert "Laptop: A processor" in said.out
    assert "chat" in said.out
    assert "no: " in said.out
    assert "faster than you read" in said.out
    assert "published figures of laptop, nothing measured there" in said.err
    assert "12 GB of 16 GB is counted on" in said.err


@pytest.mark.skipif(sys.platform == "win32", reason="pexpect needs a Unix terminal")
def test_on_a_terminal_there_are_bars(laptop: Path) -> None:
    words = ["-m", "freehold", "fit", "--device", str(laptop), "--task", "chat"]
    shown = terminal(words)
    assert "█" in shown
    assert "\x1b[" in shown
    plain = terminal(words, NO_COLOR="1")
    assert "█" in plain
    assert "\x1b[3" not in plain


def terminal(words: list[str], **more: str) -> str:
    """What a terminal of 150 columns is sent."""
    import pexpect

    env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLUMNS": "150", **more}
    sent: Any = pexpect.run(" ".join([sys.executable, *words]), env=env, timeout=60)
    return str(sent, "utf-8")


def test_one_task_with_an_open_licence(say: Say, laptop: Path) -> None:
    found = say("fit", "--device", laptop, "--task", "chat", "--license", "open", "--json").json
    assert [answer["task"] for answer in found["tasks"]] == ["chat"]
    assert found["models"]
    for row in found["models"]:
        assert "chat" in row["tasks"]
        assert row["licence"]["kind"] == "open source"


def test_slow_models_are_left_out_when_speed_is_wished(say: Say, laptop: Path) -> None:
    every, fast = (say("fit", "--device", laptop, "--min-speed", wish) for wish in ("0", "40"))
    assert len(fast.out.splitlines()) < len(every.out.splitlines())
    assert "--all shows them" in fast.err


def test_a_longer_context_takes_more_memory_and_an_absurd_one_is_capped(
    say: Say, laptop: Path
) -> None:
    def row(context: str) -> dict[str, int]:
        said = say(
            "fit", "smollm2-135m-instruct", "--device", laptop, "--context", context, "--json"
        )
        builds: list[dict[str, int]] = said.json["asked"][0]["builds"]
        return builds[0]

    short, long, absurd = row("512"), row("8192"), row("2000000000")
    assert short["memory"]["total_bytes"] < long["memory"]["total_bytes"]  # type: ignore[index]
    assert absurd["context_tokens"] == long["context_tokens"] == 8192
    for bad in ("0", "-5", "99999999999999", "many"):
        assert say("fit", "--device", laptop, "--context", bad).code == 2
    assert say("fit", "--device", laptop, "--context", "3").code == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--task", "chta"), 2, "Did you mean chat?"),
        (("smollm2-135m-instrukt",), 1, "Did you mean smollm2-135m-instruct"),
        (("--min-speed", "-1"), 2, "no speed"),
        (("--min-speed", "nan"), 2, "no speed"),
        (("--now",), 2, "Leave out --now"),
        (("--license", "any"), 2, "invalid choice"),
        (("./absent.gguf",), 1, "There is no file"),
    ],
)
def test_mistakes_are_answered(
    say: Say, laptop: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    said = say("fit", "--device", laptop, *words)
    assert said.code == code
    assert told in said.err
    assert said.out == ""


def test_an_unknown_machine_is_answered_with_close_names(say: Say) -> None:
    said = say("fit", "--device", "raspbery-pi-5")
    assert said.code == 1
    assert "raspberry-pi-5-8gb" in said.err
    listed = say("fit", "--device", "list")
    assert "raspberry-pi-5-8gb" in listed.out
    assert "Raspberry Pi 5, 8 GB" in listed.out
    known = say("fit", "--device", "list", "--json").json
    assert all(device["name"] and device["sources"] for device in known)
    said = say("fit", "--device", "raspberry-pi-5-8gb", "--task", "chat")
    assert said.code == 0
    assert said.out.startswith("Raspberry Pi 5, 8 GB: ")


def test_a_damaged_calibration_is_not_believed(say: Say, home: Path) -> None:
    path = home / "device" / "calibration.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"format": "freehold-calibration"')
    said = say("fit", "smollm2-135m-instruct", "--no-calibrate")
    assert said.code == 0
    assert "calibration.json" in said.err
    assert "how fast is not known" in said.out


def test_a_kept_calibration_of_this_machine_is_used(say: Say, home: Path) -> None:
    device = describe_device(home)
    assert device.engine is not None
    kept = specified(50e9, 4, "avx2")
    ours = replace(
        kept,
        basis=Basis.CALIBRATED,
        device=device.fingerprint,
        engine=str(identity_of(Settings.load(), engine_for(Settings.load()))),
        when="2026-11-25T12:00:00+00:00",
    )
    save_calibration(home, ours)
    said = say("fit", "smollm2-135m-instruct")
    assert "fits: about" in said.out
    assert "measured on the machine on 2026-11-25" in said.err
    save_calibration(home, replace(ours, device="another machine's"))
    said = say("fit", "smollm2-135m-instruct", "--no-calibrate")
    assert "how fast is not known" in said.out


def test_runs_of_ones_own_replace_the_guess(say: Say, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(header())
    assert say("get", path).code == 0
    device, settings = describe_device(home), Settings.load()
    assert device.engine is not None
    identity = str(identity_of(settings, engine_for(settings)))
    kept = replace(
        specified(50e9, 4, "avx2"),
        basis=Basis.CALIBRATED,
        device=device.fingerprint,
        engine=identity,
    )
    save_calibration(home, kept)

    def answer() -> dict[str, Any]:
        (asked,) = say("fit", "mine", "--json").json["asked"]
        found: dict[str, Any] = asked["builds"][0]["speed"]["answer"]
        return found

    guess = answer()
    assert guess["stands_on"] == "calibrated"
    with Store.open(home) as store:
        model = store.find("mine")
        plan = chosen_plan(store, model, LoadChoices())
    slower = 100 / (guess["tokens_per_second"] / 2)
    run = MeasuredRun(identity, plan_digest(plan), 500, 0, 0.5, 101, slower, "2026-11-25")
    for _ in range(12):
        assert keep_run(home, model.weights.digest.hex, device.fingerprint, run)
    measured = answer()
    assert measured["stands_on"] == "measured"
    assert measured["tokens_per_second"] < guess["tokens_per_second"] * 0.8
    assert "Measured in your own runs: mine." in say("fit", "mine").err


def test_a_file_that_describes_no_machine_says_so(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text('{"shopping": ["bread"]}')
    said = say("fit", "--device", path)
    assert said.code == 7
    assert "does not describe a machine" in said.err
    said = say("fit", "--device", tmp_path / "absent.json")
    assert said.code == 2
    assert "freehold device --json" in said.err


def test_a_machine_of_which_too_little_is_known_gets_no_speed(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "bare.json"
    path.write_text(json.dumps(Device(memory=MainMemory(total=8 * GB)).to_json()))
    said = say("fit", "smollm2-135m-instruct", "--device", path)
    assert "how fast is not known" in said.out
    assert "no figures of bare are known" in said.err
    path.write_text(json.dumps(Device().to_json()))
    said = say("fit", "smollm2-135m-instruct", "--device", path)
    assert "unknown: needs" in said.out


def test_this_machine_without_measuring_it(say: Say) -> None:
    said = say("fit", "smollm2-135m-instruct", "--no-calibrate")
    assert said.code == 0
    assert "how fast is not known" in said.out
    assert "never measured" in said.err


def test_a_file_is_judged_by_its_header(say: Say, laptop: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine-F16.gguf"
    path.write_bytes(header())
    said = say("fit", path, "--device", laptop)
    assert said.code == 0
    assert "fits: about" in said.out
    assert "F16" in said.out


def test_an_unknown_family_says_what_is_not_known(say: Say, laptop: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.gguf"
    path.write_bytes(header("fromthefuture"))
    said = say("fit", path, "--device", laptop)
    assert said.code == 0
    assert "fromthefuture" in said.out
    assert "not counted" in said.out


def test_every_quantization_on_the_hub_and_what_was_read_for_it(
    say: Say, laptop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Site(), Site()
    try:
        hub = Hub(one, other, Page)
        hub.add(
            "ann/m",
            {"m-F16.gguf": header(), "m-Q8_0.gguf": header(layers=5), "m-Q2_K.gguf": b"GGUF"},
        )
        monkeypatch.setenv("HF_ENDPOINT", one.url)
        said = say("fit", "hf:ann/m", "--device", laptop)
    finally:
        one.close()
        other.close()
    assert said.code == 0
    assert "F16" in said.out
    assert "Q8_0" in said.out
    assert "freehold get hf:ann/m:m-" in said.out
    assert "Looked into" in said.err
    assert "Not looked into: m-Q2_K.gguf" in said.err


def test_without_a_network_the_catalogue_still_answers(
    say: Say, laptop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    said = say("fit", "hf:ann/m", "--device", laptop)
    assert said.code == 1
    assert "127.0.0.1:9" in said.err
    assert say("fit", "--device", laptop).code == 0


def test_owned_models_are_in_the_table_of_this_machine(
    say: Say, two_models: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(header())
    assert say("get", path).code == 0
    found = say("fit", "--no-calibrate", "--json").json
    owned = {row["name"]: row for row in found["models"] if row["owned"]}
    assert set(owned) == {"alpha", "beta", "mine"}
    assert owned["mine"]["memory"]["needed_bytes"] > 0
    assert owned["alpha"]["licence"]["kind"] == "open source"
    assert say("fit", "mine", "--no-calibrate").code == 0


def test_now_goes_by_what_is_free(say: Say) -> None:
    said = say("fit", "smollm2-135m-instruct", "--now", "--no-calibrate")
    assert said.code == 0
    assert "is free at this moment" in said.err


def test_names_are_completed(two_models: tuple[str, str]) -> None:
    from freehold.cli.fit import device_names, model_names, task_names

    assert {"alpha", "beta", "qwen3-8b"} <= set(model_names())
    assert {"list", "raspberry-pi-5-8gb"} <= set(device_names())
    assert {"chat", "code"} <= set(task_names())
