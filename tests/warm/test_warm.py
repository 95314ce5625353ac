"""A warm Python does what the cold one does."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests import warm
from tests.waiting import until

COLD: Mapping[str, str] = {}
WHO = "import os, sys; print(sys.argv, sys.path[0], os.getcwd(), __name__, os.environ['WORD'], 'pulumi_gcp' in sys.modules)"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    warm.virtualenv(folder / ".venv")
    (folder / "who.py").write_text(WHO)
    (folder / "fails.py").write_text("raise ValueError('no')")
    return folder / ".venv/bin/python"


def started(python: Path, command: list[str], variables: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, *command],
        cwd=python.parents[2],
        env={**os.environ, "WORD": "heard", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["-c", WHO, "a", "b"], id="code"),
        pytest.param(["-u", "who.py", "a"], id="a file"),
        pytest.param(["-u", "-m", "who", "a"], id="a module"),
        pytest.param(["-m", "pip", "list", "--format", "json"], id="what is installed"),
    ],
)
def test_the_command_sees_the_same(python: Path, command: list[str]) -> None:
    cold, _errors = started(python, command, COLD).communicate()
    warmed, errors = started(python, command, warm.variables(0)).communicate()
    assert errors == ""
    assert warmed == cold.replace("heard False", "heard True")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param(["-c", "raise SystemExit(32)"], 32, id="its own code"),
        pytest.param(["-u", "fails.py"], 1, id="an exception"),
        pytest.param(["-c", "import os; os.kill(os.getpid(), 9)"], -signal.SIGKILL, id="a signal"),
        pytest.param(["--version"], 0, id="what the cold one answers"),
    ],
)
def test_it_ends_in_the_same_way(python: Path, command: list[str], code: int) -> None:
    process = started(python, command, warm.variables(0))
    process.communicate()
    assert process.returncode == code


SLEEPS = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"


@pytest.fixture
def sleeper(python: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    process = started(python, ["-c", SLEEPS], warm.variables(0))
    assert process.stdout
    yield process, Path("/proc") / process.stdout.readline().strip()
    process.kill()
    process.communicate()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_both(sleeper: tuple[subprocess.Popen[str], Path], sent: signal.Signals) -> None:
    process, carries_it_out = sleeper
    assert carries_it_out.exists()
    process.send_signal(sent)
    assert process.wait(timeout=30) != 0
    until("who carries it out is gone", lambda: not carries_it_out.exists(), 30)


def test_the_next_command_has_another_hash_seed(python: Path) -> None:
    said = [
        started(python, ["-c", "print(hash('a'))"], warm.variables(turn)).communicate()[0]
        for turn in (0, 0, 1)
    ]
    assert said[0] == said[1] != said[2]
