"""Teaching a model: an adapter that changes answers, an honest verdict, a kill costs nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.conftest import Say
from tests.cli.modify.conftest import path_of

PAIRS = [{"prompt": f"count {n}", "completion": f"{n} {n + 1} {n + 2}"} for n in range(24)]
OPTIONS = ("--rank", "2", "--rate", "0.01", "--seed", "3")


@pytest.fixture
def data(tmp_path: Path, noise: Path) -> Path:
    """Examples, for the owned model `noise`."""
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, PAIRS)))
    return path


def test_it_learns_says_so_and_the_adapter_runs(say: Say, data: Path, tmp_path: Path) -> None:
    picture = tmp_path / "curve.svg"
    made = say(
        "modify", "train", "noise", "--data", data, "--name", "counting", "--steps", "40",
        "--svg", picture, "--json", *OPTIONS,
    )  # fmt: skip
    assert made.code == 0, made.err
    told = made.json
    assert told["held_out"]["loss_after"] < told["held_out"]["loss_before"]
    assert told["held_out"]["difference"]["high"] < 0
    assert told["held_out"]["n"] == 2
    assert told["facts"]["kind"] == "adapter"
    assert told["parents"][0]["name"] == "noise"
    assert picture.read_text().startswith("<svg")
    ask = ("run", "noise", "count 5", "--temperature", "0", "--max-tokens", "8")
    plain, taught = say(*ask), say(*ask, "--adapter", "counting")
    assert plain.code == taught.code == 0
    assert plain.out != taught.out
    again = say("modify", "train", "noise", "--data", data, "--name", "counting")
    assert again.code == 2
    assert "already" in again.err


def test_with_few_examples_held_out_it_does_not_boast(
    say: Say, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a file that is called as the model is stays out of it."""
    monkeypatch.chdir(tmp_path)
    Path("noise").write_text("no model")
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"prompt": "x", "completion": "1 2 3"}))
    done = say(
        "modify", "train", "noise", "--data", data, "--held-out", other, "--name", "few",
        "--steps", "10", *OPTIONS,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].startswith("1 held-out examples are too few")


def test_a_kill_at_any_moment_ends_with_the_same_adapter(say: Say, data: Path) -> None:
    options = ("--data", str(data), "--steps", "60", *OPTIONS)
    whole = say("modify", "train", "noise", "--name", "whole", *options, "--json")
    assert whole.code == 0, whole.err
    home = Path(os.environ["FREEHOLD_HOME"])
    killed = 0
    while killed < 3:
        process = subprocess.Popen(
            [sys.executable, "-m", "freehold", "modify", "train", "noise", "--name", "killed",
             *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        place = home / "training" / "killed" / "checkpoint.npz"
        before = place.stat().st_mtime_ns if place.exists() else None
        while process.poll() is None and not (
            place.exists() and place.stat().st_mtime_ns != before
        ):
            time.sleep(0.005)
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += 1
    assert killed
    if not any(row["name"] == "killed" for row in say("list", "--json").json):
        assert say("modify", "train", "noise", "--name", "killed", *options).code == 0
    looks = whole.json["looks"]
    assert looks[-1]["step"] == 60
    hashes = [_matrices(say, name) for name in ("whole", "killed")]
    assert hashes[0] == hashes[1]
    print(f"\ntrain: killed {killed} times")


def _matrices(say: Say, name: str) -> dict[str, bytes]:
    from freehold.formats.tensor_data import TensorData

    with TensorData.open(path_of(say, name)) as data:
        return {each.name: data.raw(each.name).tobytes() for each in data.header.tensors}


def test_another_plan_does_not_go_on_from_a_checkpoint(say: Say, data: Path) -> None:
    from freehold.modify.training.checkpoint import Progressed, keep
    from freehold.modify.training.network import Losses

    home = Path(os.environ["FREEHOLD_HOME"])
    place = home / "training" / "mine" / "checkpoint.npz"
    place.parent.mkdir(parents=True)
    keep(place, {"model": "another"}, Progressed(0, (), {}, Losses((), ()), Losses((), ())))
    words = ("modify", "train", "noise", "--data", data, "--name", "mine", "--steps", "2")
    refused = say(*words)
    assert refused.code == 2
    assert "another" in refused.err
    assert "--restart" in refused.err
    assert say(*words, "--restart").code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--held-out", "1.5"), "no share"),
        (("--seed", "-1"), "a seed lies between 0 and"),
        (("--targets", "nose"), "no nose"),
        (("--rank", "65"), "--rank 65 is more"),
        (("--device", "cpu"), "--device is for --with torch"),
        (("--max-length", "4"), "Raise --max-length"),
        (("--max-length", "4", "--skip-long"), "longer than 4"),
    ],
)
def test_what_cannot_be_is_said(say: Say, data: Path, options: tuple[str, ...], said: str) -> None:
    refused = say("modify", "train", "noise", "--data", data, "--name", "no", *options)
    assert refused.code != 0
    assert said in refused.err
    assert "no" not in [row["name"] for row in say("list", "--json").json]


def test_without_the_extra_it_says_how_to_get_it(
    say: Say, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from freehold.modify.torch_training import installed

    monkeypatch.setattr(installed, "NEEDED", ("torch_that_nobody_has",))
    refused = say("modify", "train", "noise", "--data", data, "--name", "no", "--with", "torch")
    assert refused.code == 2
    assert "--with torch needs torch_that_nobody_has" in refused.err
    assert 'pip install "freehold[torch]"' in refused.err


def test_an_example_longer_than_the_context_is_named(say: Say, data: Path) -> None:
    data.write_text(data.read_text() + "\n" + json.dumps({"prompt": "x " * 90, "completion": "y"}))
    refused = say("modify", "train", "noise", "--data", data, "--name", "no")
    assert refused.code != 0
    assert "pairs.jsonl, line 25 comes to" in refused.err
    assert "128 are allowed" in refused.err
    assert "The model sees no more at once" in refused.err
