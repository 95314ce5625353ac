"""What the stack was before: the engine shows rules what will be, never what was.

A rule gets a resource's new inputs, no old ones, and hears nothing of what will be deleted; the pack has no resource monitor
to ask, and a component that recorded its past would change in the update after each change. So the pack reads the state as
any operator does, by `pulumi stack export`, once a run and without a lock: what was deployed before this operation. In an
update without preview the first rule that asks may already see the first new resources, none of which these rules are about.

Where the state can't be read (no `pulumi` on PATH, a stack in another organization, `pulumi policy analyze`), rules on
transitions don't apply, and say why. `stateFile` in their configuration names an exported state to read instead.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pulumi_policy import ReportViolation, ResourceValidationArgs, StackValidationArgs

from policies.resource_inputs import (
    ADDRESS,
    API_ENDPOINT,
    DISK,
    MASTER_REPLICA,
    Replica,
    is_child,
)
from policies.rule import ADVISORY, on_each

CONFIG = {"stateFile": {"type": "string", "default": ""}}
"""Of each rule that asks for the last state."""

SECONDS = 30


@dataclass(frozen=True)
class KnownStack:
    """The masters, and the inputs of addresses and data disks by URN."""

    replicas: tuple[Replica, ...]
    addresses: Mapping[str, Mapping[str, Any]]
    data_disks: Mapping[str, Mapping[str, Any]]


def known_stack(state: Mapping[str, Any]) -> KnownStack:
    """Returns what an exported state says. A stack that was never deployed has no masters."""
    resources = (state.get("deployment") or {}).get("resources") or []
    living = {resource["urn"]: resource for resource in resources if not resource.get("delete")}
    inputs = {urn: resource.get("inputs") or {} for urn, resource in living.items()}
    return KnownStack(
        # Of the masters themselves and not of the list: an update that failed half-way recorded its list before its deletes.
        # Sorted, because a state has them in the order in which they came to be.
        replicas=tuple(
            sorted(
                (
                    Replica(inputs[urn]["identity"], inputs[urn]["zone"])
                    for urn, resource in living.items()
                    if resource["type"] == MASTER_REPLICA
                ),
                key=lambda replica: replica.identity,
            )
        ),
        addresses={urn: each for urn, each in inputs.items() if is_child(urn, ADDRESS, API_ENDPOINT)},
        data_disks={urn: each for urn, each in inputs.items() if is_child(urn, DISK, MASTER_REPLICA)},
    )


def last_known(args: ResourceValidationArgs | StackValidationArgs, urn: str) -> KnownStack:
    """Returns the state before this operation of the stack that `urn` belongs to; else marks the rule as not applicable."""
    known = _read(str(args.get_config().get("stateFile") or ""), urn.split("::")[0].rpartition(":")[2])
    if isinstance(known, str):
        args.not_applicable(f"the stack's last state can't be read: {known}")
        raise AssertionError  # not_applicable has raised already
    return known


@cache
def _read(state_file: str, stack: str) -> KnownStack | str:
    """Returns the state, or why it can't be read: tried once either way."""
    try:
        text = Path(state_file).read_text() if state_file else _exported(stack)
        return known_stack(json.loads(text))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return str(error)


def _exported(stack: str) -> str:
    return subprocess.run(
        ["pulumi", "stack", "export", "--stack", stack, "--non-interactive"],
        capture_output=True,
        check=True,
        text=True,
        timeout=SECONDS,
    ).stdout


_asked: set[str] = set()
"""URNs of what the program has registered in this run.

A stack rule is shown more: also what the engine read from Google Cloud before, whether anybody still wants it or not.
"""


@on_each(
    name="asked-for",
    says="Says nothing. It notes what the program asks for, which the rules on deletions compare with.",
    level=ADVISORY,
)
def asked_for(args: ResourceValidationArgs, _: ReportViolation) -> None:
    _asked.add(args.urn)


def gone(
    args: StackValidationArgs, of: Callable[[KnownStack], Mapping[str, Mapping[str, Any]]]
) -> dict[str, Mapping[str, Any]]:
    """Returns what the last state has and nobody asks for any more; nothing when the whole stack goes."""
    urns = {resource.urn for resource in args.resources}
    stack = next((urn for urn in urns if "::pulumi:pulumi:Stack::" in urn), None)
    if stack is None:
        return {}
    if stack in _asked:  # Otherwise the rule that notes them is switched off.
        urns = _asked
    return {urn: inputs for urn, inputs in of(last_known(args, stack)).items() if urn not in urns}
