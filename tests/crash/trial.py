"""One interrupted update, and whether running it again finishes it.

A trial orders its fault for one call, which is the plainest question, or for many: then each of them fails once, in as
many updates as it takes, which is the harder question and a far cheaper one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.crash import operator
from tests.crash.calls import Call
from tests.crash.kinds import KILLED, Kind
from tests.crash.report import Report, tried
from tests.crash.scenarios import Scenario
from tests.crash.stage import Stage, Undisturbed
from tests.crash.world import differences, world
from tests.stack.harness import Cloud, Outcome, Stack
from tests.stack.invariants import ADDRESS, BUCKET

MOST_UPDATES = 60


@dataclass
class CallReport(Report):
    """`fired`: the calls that the fault really hit."""

    scenario: str
    kind: str
    fired: list[Call] = field(default_factory=list)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> CallReport:
        return cls(**{**said, "fired": [Call.from_json(call) for call in said["fired"]]})


def trial(stage: Stage, scenario: Scenario, kind: Kind, calls: Sequence[Call]) -> CallReport:
    """What is left to be done after the update came to its end would be a complaint too."""
    expected = stage.undisturbed(scenario)
    report = CallReport(scenario.name, kind.name)
    with tried(stage, scenario, report) as stack:
        stack.configure(scenario.after, **scenario.config)
        command = (*operator.UP, *scenario.flags)
        last = (
            _killed(stack, command, calls, report)
            if kind is KILLED
            else _faulted(stack, command, kind, calls, report)
        )
        if last.code == 0:
            report.typed.append("up --expect-no-changes")
            last = stack.run(*operator.UP, "--expect-no-changes", check=False)
        if last.code:
            report.complaints.append(f"the update doesn't come to an end:\n{last.output}")
        else:
            if kind.takes_effect:
                _adopt(stack, report)  # Once more, for what was made twice without anybody's noticing.
            _compare(stack, scenario, expected, report)
    return report


def _faulted(
    stack: Stack, command: Sequence[str], kind: Kind, calls: Sequence[Call], report: CallReport
) -> Outcome:
    orders = {stack.cloud.fault(**call.order(kind.action))["id"]: call for call in calls}
    hit: set[str] = set()
    idle = 0
    while True:
        report.typed.append("up")
        last = stack.run(*command, check=False)
        now = _fired(stack.cloud)
        idle = 0 if now - hit else idle + 1
        hit = now
        if last.code == 0 or idle > 1 or len(report.typed) > MOST_UPDATES:
            break
        if kind.takes_effect:
            _adopt(stack, report)
    report.fired = [orders[each] for each in sorted(hit & set(orders), key=int)]
    stack.cloud.clear_faults()
    return last


def _killed(stack: Stack, command: Sequence[str], calls: Sequence[Call], report: CallReport) -> Outcome:
    """Kills the engine after the first of `calls`, and the next one after the next, until none is made any more."""
    left = list(calls)
    while True:
        orders: dict[str, Call] = {}

        def arm(pid: int, orders: dict[str, Call] = orders) -> None:
            # Counting begins anew with each update, so of several calls of one kind the next is the first.
            next_ones = {(call.method, call.resource): call for call in reversed(left)}.values()
            for call in next_ones:
                order = (Call(call.method, call.resource, 1) if len(calls) > 1 else call).order(KILLED.action)
                order["action"]["pid"] = pid
                orders[stack.cloud.fault(**order)["id"]] = call

        report.typed.append("up")
        last = operator.cut_off(stack, arm, command)
        hit = [orders[each] for each in _fired(stack.cloud) if each in orders]
        stack.cloud.clear_faults()
        report.fired += hit
        for call in hit:
            left.remove(call)
        if not hit or last.code == 0 or len(report.typed) > 4 * MOST_UPDATES:
            return last
        report.typed.append("cancel")
        if (cancelled := operator.follow(stack, "cancel")).code:
            report.complaints.append(f"pulumi cancel: {cancelled.output}")
            return last
        _adopt(stack, report)


def _adopt(stack: Stack, report: Report) -> None:
    report.typed.append("adopt")
    adopted = operator.follow(stack, "adopt")
    if adopted.code:
        report.complaints.append(f"admin adopt: {adopted.output}")


def _fired(cloud: Cloud) -> set[str]:
    faults = requests.get(f"{cloud.url}/lab/v1/faults", timeout=10).json()["faults"]
    return {fault["id"] for fault in faults if fault["fired"]}


def _compare(stack: Stack, scenario: Scenario, expected: Undisturbed, report: Report) -> None:
    inventory = stack.inventory()
    report.complaints += [
        f"missing in the state: {each}" for each in expected.inventory if each not in inventory
    ]
    report.complaints += [
        f"left in the state: {each}" for each in inventory if each not in expected.inventory
    ]
    report.complaints += differences(expected.world, world(Stage.state(stack)))
    facts = stack.cloud.facts()
    if ADDRESS not in facts["addresses"]:
        report.complaints.append("the address is gone")
    wanted_voters = sorted(replica.replace("/", "-") for replica in scenario.after)
    if facts["guestModel"][BUCKET]["voters"] != wanted_voters:
        report.complaints.append(f"voters are {facts['guestModel'][BUCKET]['voters']}")
