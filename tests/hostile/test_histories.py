"""How histories are written, drawn and counted, without an engine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.hostile import trial
from tests.hostile.__main__ import summary
from tests.hostile.histories import WAYS, History, draw, of
from tests.hostile.scenarios import SCENARIOS
from tests.hostile.trial import HistoryReport
from tests.stack.harness import Outcome

MOMENTS = (
    "compute.addresses.insert dev-m2-c",
    "compute.instances.insert dev-m2-c",
    "m1-b promotes m2-c",
)
LINE = "1-2-1 | m1-b promotes m2-c | sigint-twice | revert"


def test_a_line_is_a_history() -> None:
    assert str(History.parse(LINE)) == LINE
    assert History.parse("1-2-1 | x | halt m1-b | on").victim == "m1-b"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("1-2-1 | x | sigkill", "scenario | moment | way | then", id="a part is missing"),
        pytest.param("1-4-1 | x | sigkill | on", "1-4-1", id="no such scenario"),
        pytest.param("1-2-1 | x | sigterm | on", "sigterm", id="no such way"),
        pytest.param("1-2-1 | x | halt | on", "name the replica", id="nobody is halted"),
        pytest.param("1-2-1 | x | sigkill m1-b | on", "name the replica", id="a replica is killed"),
    ],
)
def test_no_history(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("|", r"\|")):
        History.parse(line)


def test_a_machine_is_struck_only_once_it_is_there() -> None:
    struck = {(each.moment, each.victim) for each in of(SCENARIOS["1-2-1"], "halt", MOMENTS)}
    assert (MOMENTS[2], "m2-c") in struck
    assert (MOMENTS[1], "m2-c") not in struck
    assert (MOMENTS[0], "m1-b") in struck


def test_a_seed_draws_the_same_and_nothing_twice() -> None:
    moments = {"1-2-1": MOMENTS, "swap": MOMENTS}
    drawn = draw(30, 7, moments)
    assert drawn == draw(30, 7, moments)
    assert drawn != draw(30, 8, moments)
    assert len(set(drawn)) == 30
    assert {each.scenario for each in drawn[:4]} == {"1-2-1", "swap"}
    assert {each.kind for each in drawn[:10]} == set(WAYS)


def test_there_are_only_so_many() -> None:
    assert len(draw(1000, 1, {"1-2-1": MOMENTS[:1]}, ["sigkill"])) == 3


def test_a_call_that_was_cut_off_before_it_was_journalled_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watcher learns of it as it ends, from the fault that it ordered."""

    class Watcher(SimpleNamespace):
        def __enter__(self) -> Watcher:
            return self

        def __exit__(self, *_: object) -> None:
            self.befell = True

    report = HistoryReport(LINE)
    stack: Any = SimpleNamespace(cloud=None, configure=lambda *_, **__: None)
    monkeypatch.setattr(trial, "Watcher", lambda *_: Watcher(befell=False, arm=None))
    monkeypatch.setattr(trial.operator, "cut_off", lambda *_: Outcome(1, "cut off", 0.0))
    trial._Operator(stack, SCENARIOS["1-2-1"], History.parse(LINE), report)._first_update()
    assert report.befell


def test_the_summary_counts_histories_whose_moment_came() -> None:
    reports = [
        HistoryReport(LINE, befell=True),
        HistoryReport(LINE, befell=True, complaints=["lost"]),
        HistoryReport(LINE.replace("1-2-1", "swap"), befell=False),
    ]
    told = [line.split()[:5] for line in summary(reports).splitlines()]
    assert ["1-2-1", "all", "1", "of", "2"] in told
    assert ["all", "sigint-twice", "1", "of", "2"] in told
    assert told[-1] == ["all", "all", "1", "of", "2"]
