"""Programs that people use, as they are: a command-line client and an agent with a tool.

Both are test requirements; where they are not installed these tests are skipped and say so.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import Served

needs_llm = pytest.mark.skipif(
    importlib.util.find_spec("llm") is None, reason="llm is not installed: pip install llm"
)
needs_agents = pytest.mark.skipif(
    importlib.util.find_spec("agents") is None,
    reason="the agents package is not installed: pip install openai-agents",
)

CLOCK = """
def clock() -> str:
    "The time of day"
    return "noon"
"""


@needs_llm
@pytest.mark.parametrize(
    ("options", "prompt", "answer"),
    [
        ([], "hello", "You said: hello"),
        (["--no-stream", "-s", "Be kind."], "hello", "You said: hello"),
        (["--functions", CLOCK], "the clock please", "You said: noon"),
    ],
)
def test_llm_on_the_command_line(
    fake: Served, tmp_path: Path, options: list[str], prompt: str, answer: str
) -> None:
    (tmp_path / "extra-openai-models.yaml").write_text(
        f"- model_id: mine\n  model_name: alpha\n  api_base: {fake.address}/v1\n"
        "  supports_tools: true\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "llm", "-m", "mine", "--key", "none", *options, prompt],
        env={**os.environ, "LLM_USER_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith(answer)


@needs_agents
@pytest.mark.parametrize("kind", ["OpenAIChatCompletionsModel", "OpenAIResponsesModel"])
@pytest.mark.parametrize("streamed", [False, True])
def test_an_agent_calls_its_tool(fake: Served, kind: str, streamed: bool) -> None:
    agents: Any = importlib.import_module("agents")
    from openai import AsyncOpenAI

    agents.set_tracing_disabled(True)
    asked: list[str] = []

    def weather(city: str) -> str:
        """The weather in a city."""
        asked.append(city)
        return "fine"

    async def run() -> str:
        async with AsyncOpenAI(base_url=f"{fake.address}/v1", api_key="none") as client:
            agent = agents.Agent(
                name="helper",
                tools=[agents.function_tool(weather)],
                model=getattr(agents, kind)("alpha", client),
            )
            if not streamed:
                return str((await agents.Runner.run(agent, "weather please")).final_output)
            running = agents.Runner.run_streamed(agent, "weather please")
            async for _ in running.stream_events():
                pass
            return str(running.final_output)

    assert asyncio.run(run()) == "You said: fine"
    assert asked == ["x"]
