"""One history on the real engine, and what it broke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.crash import operator
from tests.crash.report import Report, tried
from tests.crash.stage import Stage
from tests.crash.world import differences, world
from tests.hostile.cutting import Watcher, mend
from tests.hostile.histories import History
from tests.hostile.scenarios import DESTROY, SCENARIOS, Asked, Edit, asked
from tests.stack.harness import Outcome, Stack
from tests.stack.truth import stood, untrue

PACE = {"boot": 0.6, "sync": 0.6, "drain": 0.6, "apiserver": 0.4}
"""Seconds. Long enough that gates wait for each of them, and that a machine leaves later than an engine deletes."""
STRUCK_DEADLINE_SECONDS = 8
"""How long gates wait while a machine is struck: nothing comes of it, as a rule."""
MOST_TRIES = 6


@dataclass
class HistoryReport(Report):
    """`befell`: whether the history's moment came."""

    history: str
    befell: bool = False
    seconds: float = 0.0

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> HistoryReport:
        return cls(**said)


def trial(stage: Stage, history: History) -> HistoryReport:
    edit = SCENARIOS[history.scenario]
    report = HistoryReport(str(history))
    with tried(stage, edit, report) as stack:
        stack.cloud.pace(**PACE)
        _Operator(stack, edit, history, report).live_through(stage)
    return report


class _Operator:
    """Who types, and does what the guide says."""

    def __init__(self, stack: Stack, edit: Edit, history: History, report: HistoryReport) -> None:
        self._stack, self._edit, self._history, self._report = stack, edit, history, report
        self._struck = False

    def live_through(self, stage: Stage) -> None:
        then = asked(self._edit, self._history.then)
        self._first_update()
        last = self._come_to_an_end(then)
        if last.code and self._edit.destroys:
            # A cluster whose quorum was destroyed on purpose is past saving: the destroy goes on, and then all is anew.
            last = self._come_to_an_end(Asked((), DESTROY))
            if not last.code and then.replicas:
                last = self._come_to_an_end(then)
        if last.code:
            self._report.complaints.append(f"the update doesn't come to an end:\n{last.output}")
            return
        self._compare(stage, then)

    def _first_update(self) -> None:
        stack, edit = self._stack, self._edit
        stack.configure(edit.after or edit.before, **edit.config)
        if self._history.victim:
            stack.gate_deadline_seconds = STRUCK_DEADLINE_SECONDS
        self._unprotect(edit.command)
        watcher = Watcher(stack.cloud, self._history)
        try:
            with watcher:
                done = operator.cut_off(stack, watcher.arm, edit.command)
        finally:
            self._report.befell = watcher.befell  # It has looked once more at its end.
        self._report.typed.append(f"{' '.join(edit.command)}: {'success' if done.code == 0 else 'failure'}")
        if done.code and not watcher.befell:
            self._report.typed.append(f"not cut off, and failed by itself: {done.output[-600:]}")
        self._struck = watcher.befell and bool(self._history.victim)
        if done.code == 0 and not self._struck:
            self._claim(Asked(edit.after, edit.command))

    def _come_to_an_end(self, then: Asked) -> Outcome:
        """`pulumi up`, what the guide says to its failure, and again; who has no other advice mends the machine."""
        stack = self._stack
        stack.configure(then.replicas or self._edit.before, **then.config)
        again = True
        for _ in range(MOST_TRIES):
            self._unprotect(then.command)
            last = stack.run(*then.command, check=False)
            self._report.typed.append(
                f"{' '.join(then.command)}: {'success' if last.code == 0 else 'failure'}"
            )
            if last.code == 0:
                self._claim(then)
                if not self._struck:
                    return last
            remedies = operator.advice(last.output) if last.code else ()
            for remedy in remedies:
                self._follow(remedy)
            if remedies:
                continue
            if self._struck:
                mend(stack.cloud, self._history.victim, self._history.kind)
                self._report.typed.append("mends the machine")
                self._struck, stack.gate_deadline_seconds = False, 60
            elif not again:
                return last
            else:
                again = False
        return last

    def _follow(self, remedy: str) -> None:
        self._report.typed.append(remedy)
        done = operator.follow(self._stack, remedy)
        if done.code:
            self._report.typed.append(f"{remedy} fails: {done.output}")

    def _unprotect(self, command: Sequence[str]) -> None:
        if command == DESTROY:
            self._stack.run("state", "unprotect", "--all", "--yes", check=False)

    def _claim(self, then: Asked) -> None:
        """The engine has said that all is done: is it?"""
        if then.command == DESTROY:
            return  # What is left over is told at the end.
        said = untrue(stood(self._stack.cloud), then.replicas)
        self._report.complaints += [f"success was not true: {each}" for each in said]

    def _compare(self, stage: Stage, then: Asked) -> None:
        expected = stage.standing(then.replicas)
        found = differences(expected, world(Stage.state(self._stack)))
        if found and self._history.kind in ("sigint-twice", "sigkill"):
            self._follow("adopt")  # As the guide says, for a version of a secret whose reply was lost.
            found = differences(expected, world(Stage.state(self._stack)))
        self._report.complaints += found
