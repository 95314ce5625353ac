"""Histories of P3 that no cut alone makes: a state of before, an update without a look, a lock that somebody takes away."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import Living
from tests.crash import operator
from tests.stack.harness import COMMAND_DEADLINE_SECONDS, Stack
from tests.stack.invariants import broken_promises
from tests.waiting import until

pytestmark = [pytest.mark.toolchain, pytest.mark.slow, pytest.mark.matrix]

M1, M2 = "m1/b", "m2/c"
TRIES = 4


def test_a_state_of_before_an_update_is_imported(living: Living, tmp_path: Path) -> None:
    """It knows nothing of the second voter. What the list asks for is true once an update says success, and quorum stays."""
    stack = living([M1])
    before = tmp_path / "before.json"
    stack.run("stack", "export", "--file", str(before))
    start = stack.cloud.last()
    stack.up([M1, M2])
    stack.run("stack", "import", "--file", str(before))
    _come_to_an_end(stack, [M1])
    assert stack.cloud.etcd()["voters"] == stack.cloud.etcd()["serving"] == ["m1-b"]
    assert broken_promises(stack.cloud.entries(start)) == []


def test_growth_that_was_cut_off_is_taken_back_without_a_look(living: Living) -> None:
    """`--refresh=false`: the engine goes by its record, gates and guards by the truth."""
    stack = living([M1])
    start = stack.cloud.last()
    with _waiting(stack, [M1, M2]) as growing:
        os.killpg(growing.pid, signal.SIGKILL)
    stack.run("cancel", "--yes", check=False)
    _come_to_an_end(stack, [M1], "--refresh=false")
    assert stack.cloud.etcd()["voters"] == stack.cloud.etcd()["serving"] == ["m1-b"]
    assert broken_promises(stack.cloud.entries(start)) == []


def test_a_lock_is_taken_away_and_two_updates_go_on_at_once(living: Living) -> None:
    """`pulumi cancel` in the middle of somebody else's update, who notices nothing: one grows, the other takes it back."""
    stack = living([M1])
    start = stack.cloud.last()
    with _waiting(stack, [M1, M2]) as growing:
        stack.run("cancel", "--yes")
        stack.up([M1], check=False)
        growing.wait(timeout=COMMAND_DEADLINE_SECONDS)
    _come_to_an_end(stack, [M1])
    assert stack.cloud.etcd()["voters"] == stack.cloud.etcd()["serving"] == ["m1-b"]
    assert broken_promises(stack.cloud.entries(start)) == []


@contextmanager
def _waiting(stack: Stack, replicas: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """An update that waits at `joined` for a newcomer that is a voter already."""
    voters = sorted(replica.replace("/", "-") for replica in replicas)
    stack.cloud.pace(apiserver=3600.0)
    stack.gate_deadline_seconds, stack.records_each_step = 60, True
    stack.configure(replicas)
    log = stack.folder / "growing.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["pulumi", *operator.UP, "--non-interactive", "--color", "never"],
            cwd=stack.folder,
            env=stack.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        until(
            "the newcomer's vote",
            _voted(stack, process, log, voters),
            COMMAND_DEADLINE_SECONDS,
            log.read_text,
        )
        stack.cloud.pace()
        yield process
    finally:
        operator.end_session(process.pid)


def _voted(
    stack: Stack, process: subprocess.Popen[bytes], log: Path, voters: list[str]
) -> Callable[[], bool]:
    def voted() -> bool:
        assert process.poll() is None, f"the update ended by itself:\n{log.read_text()}"
        return "etcd-joined updating" in log.read_text() and stack.cloud.voters() == voters

    return voted


def _come_to_an_end(stack: Stack, replicas: list[str], *flags: str) -> None:
    """Types what the guide says to each failure."""
    for _ in range(TRIES):
        done = stack.up(replicas, *flags, check=False)
        if done.code == 0:
            return
        for remedy in operator.advice(done.output):
            operator.follow(stack, remedy)
    raise AssertionError(done.output)
