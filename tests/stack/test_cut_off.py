"""An update is cut off after a newcomer has become a voter, and the list is put back: etcd goes on at every moment.

Machines of the instant profile leave before an engine can delete them, and hide what happens on Google. Here they leave as
slowly as machines do, and some of them go without a word, as one whose agent is dead.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.conftest import Living
from tests.crash import operator
from tests.stack.harness import COMMAND_DEADLINE_SECONDS, Stack
from tests.stack.invariants import broken_promises
from tests.waiting import until

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

M1, M2, M3 = "m1/b", "m2/c", "m3/d"
DRAIN_SECONDS = 20.0
"""What the last connections to an apiserver took to end on machines of the lab."""

NEVER = 3600.0
JOINED_WAITS = "EtcdMembership etcd-joined updating"


@pytest.mark.parametrize(
    ("grown", "cuts", "fault"),
    [
        pytest.param([M1, M2], 1, "", id="1-2-1, cut once", marks=pytest.mark.matrix),
        pytest.param(
            [M1, M2], 1, "abrupt", id="1-2-1, cut once, goes without a word", marks=pytest.mark.matrix
        ),
        pytest.param([M1, M2], 2, "abrupt", id="1-2-1, cut twice, goes without a word"),
        pytest.param(
            [M1, M2, M3], 2, "abrupt", id="1-3-1, cut twice, go without a word", marks=pytest.mark.matrix
        ),
    ],
)
def test_growth_that_is_cut_off_and_taken_back(
    living: Living, grown: list[str], cuts: int, fault: str
) -> None:
    stack = living([M1])
    start, newcomers = _grow_and_cut(stack, grown, cuts, JOINED_WAITS)
    _take_back(stack, start, newcomers, fault)


@pytest.mark.matrix
def test_a_machine_that_the_engine_never_learned_of(living: Living) -> None:
    """Cut off so early that the VM isn't in the state: it is adopted, as the guide says, and then goes as the others do."""
    stack = living([M1])
    start, newcomers = _grow_and_cut(stack, [M1, M2], 2, "Instance m2-c-vm creating")
    adopted = operator.adopt(stack)
    assert adopted.code == 0, adopted.output
    _take_back(stack, start, newcomers, "abrupt")


def _grow_and_cut(stack: Stack, grown: list[str], cuts: int, sign: str) -> tuple[int, list[str]]:
    """Where the journal was before, and who became a voter. `sign`: what the engine has said by then."""
    start = stack.cloud.last()
    voters = sorted(replica.replace("/", "-") for replica in grown)
    stack.cloud.pace(drain=DRAIN_SECONDS, apiserver=NEVER)  # Nobody new serves, so the gate `joined` waits.
    stack.gate_deadline_seconds = 15  # After one Ctrl-C the engine waits for the gate that waits.
    _cut(stack, grown, cuts, sign, lambda: stack.cloud.etcd()["voters"] == voters)
    stack.gate_deadline_seconds = 180  # One after the other drains.
    stack.cloud.pace(drain=DRAIN_SECONDS)
    return start, voters[1:]


def _take_back(stack: Stack, start: int, newcomers: list[str], fault: str) -> None:
    for newcomer in newcomers if fault else ():
        stack.cloud.fault_guest(f"dev-{newcomer}", fault)
    outcome = stack.up([M1], check=False)
    assert broken_promises(stack.cloud.entries(start)) == [], outcome.output
    assert outcome.code == 0, outcome.output
    assert (stack.cloud.etcd()["voters"], stack.cloud.etcd()["serving"]) == (["m1-b"], ["m1-b"])
    stack.settled()


def _cut(stack: Stack, replicas: list[str], times: int, sign: str, when: Callable[[], bool]) -> None:
    """An update that gets Ctrl-C so many times once the engine has said `sign` and `when` holds."""
    stack.configure(replicas)
    log = stack.folder / "cut.log"
    stack.records_each_step = True
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color", "never"],
            cwd=stack.folder,
            env=stack.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def come() -> bool:
        assert process.poll() is None, f"the update ended by itself:\n{log.read_text()}"
        return sign in log.read_text() and when()

    until(f"{sign!r} to cut off at", come, COMMAND_DEADLINE_SECONDS, log.read_text)
    for _ in range(times):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(1)  # The engine takes a second signal at once for a repetition of the first.
    process.wait(timeout=COMMAND_DEADLINE_SECONDS)
    stack.run("cancel", "--yes", check=False)
