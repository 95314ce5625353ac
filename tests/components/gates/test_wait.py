"""Waiting: progress while it lasts, a reason when it ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pulumi.dynamic import Config, ConfigureRequest

from components.gates import checks
from components.gates.resources import GateProvider
from components.gates.verdicts import OPEN, Verdict
from components.gates.wait import GateClosedError, until_open


class Time:
    """A clock that moves only when somebody pauses."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def provider(kind: str, settings: dict[str, str] | None = None) -> GateProvider:
    """One that was read from its pickle and told the stack's config, as the engine does it."""
    made = GateProvider(kind)
    made.configure(ConfigureRequest(Config(settings or {"gcp:accessToken": "token"}, "ha-masters")))
    return made


def wait(look: Callable[[], Verdict], deadline: float = 60.0) -> tuple[list[str], Time]:
    said: list[str] = []
    time = Time()
    until_open("joined", look, deadline_seconds=deadline, say=said.append, clock=time, pause=time.pause)
    return said, time


def test_an_open_gate_costs_no_time() -> None:
    said, time = wait(lambda: OPEN)
    assert (said, time.now) == ([], 0.0)


def test_progress_is_told_when_the_reason_changes() -> None:
    verdicts = iter(
        [Verdict(False, "a is joining"), Verdict(False, "a is joining"), Verdict(False, "b is"), OPEN]
    )
    said, _ = wait(lambda: next(verdicts))
    assert [line.split(" (")[0] for line in said] == ["joined: a is joining", "joined: b is"]


def test_the_deadline_tells_the_reason_and_the_remedy() -> None:
    with pytest.raises(
        GateClosedError, match=r"joined: not after 10 s: m3 is failed: no disk\. Once that is mended.*again"
    ):
        wait(lambda: Verdict(False, "m3 is failed: no disk"), deadline=10)


def test_a_reader_that_fails_for_a_moment_is_asked_again() -> None:
    tries = iter([ConnectionError("refused"), OPEN])

    def look() -> Verdict:
        result = next(tries)
        if isinstance(result, Exception):
            raise result
        return result

    said, _ = wait(look)
    assert "can't be seen: refused" in said[0]


def test_a_gate_runs_again_when_what_it_waits_for_changed() -> None:
    gate = provider("disk-turn")
    before = {"bucket": "b", "replica": "m1-b", "__provider": "old pickle"}
    assert gate.diff("id", before, {**before, "replica": "m2-c"}).changes
    assert not gate.diff("id", before, {**before, "__provider": "new pickle"}).changes


@pytest.mark.parametrize(("holds", "changes"), [(True, False), (False, True)])
def test_a_gate_runs_again_when_what_it_stands_for_is_not_so(
    holds: bool, changes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "holds", lambda *_: holds)
    props = {"bucket": "b", "members": ["m1-b"]}
    assert provider("left").diff("id", props, props).changes is changes


def test_a_guard_of_another_machine_is_another_guard() -> None:
    before = {"bucket": "b", "instanceId": "1"}
    assert provider("machine-guard").diff("id", before, {**before, "instanceId": "2"}).replaces == [
        "instanceId"
    ]
    assert provider("ready").diff("id", before, {**before, "instanceId": "2"}).replaces == []


def test_a_provider_signs_in_as_the_stack_says() -> None:
    asked = provider(
        "turn", {"gcp:accessToken": "ya29", "gcp:impersonateServiceAccount": "deployer@p"}
    ).google
    assert (asked.token, asked.impersonated) == ("ya29", "deployer@p")


def test_the_state_holds_of_a_provider_only_what_it_is() -> None:
    assert vars(GateProvider("turn")) == {"kind": "turn"}


def test_what_is_stuck_is_not_waited_for_until_the_deadline() -> None:
    with pytest.raises(GateClosedError, match=r"joined: not after \d+ s: a budget keeps it"):
        wait(lambda: Verdict(False, "a budget keeps it", stuck=True), deadline=3600)


def test_what_was_stuck_and_goes_on_is_waited_for() -> None:
    verdicts = iter([Verdict(False, "stuck", stuck=True)] * 10 + [Verdict(False, "goes on")] * 40 + [OPEN])
    _, time = wait(lambda: next(verdicts), deadline=3600)
    assert time.now > 60
