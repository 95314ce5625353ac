"""A random walk of one stack: each step an edit, a preview, an update, and what must be true after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.lists import Listed, edited, first
from tests.stack.harness import Stack
from tests.stack.invariants import BUCKET, broken_promises


@dataclass
class Transition:
    """One step of the walk; `complaints` is empty if all was well."""

    edit: str
    before: Listed | None
    after: Listed
    complaints: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.edit}: {self.before or 'nothing'} → {self.after}"


def walk(stack: Stack, random: Random, transitions: int, *, previews: bool = True) -> Iterator[Transition]:
    """Ends early at the first complaint: what comes after a broken state says nothing."""
    trail: list[Listed] = []
    address = ""
    for _ in range(transitions):
        edit, wanted = edited(random, trail[-1], _last_but_one(trail)) if trail else ("create", first(random))
        step = Transition(edit, trail[-1] if trail else None, wanted)
        seen = stack.cloud.last()
        masters = {"machineType": wanted.machine_type}
        if previews:
            preview = stack.preview(wanted.replicas, check=False, masters=masters)
            step.complaints += [f"preview: {preview.output}"] if preview.code else []
            step.complaints += _missing_from_plan(preview.output, step)
        update = stack.up(wanted.replicas, check=False, masters=masters)
        if update.code:
            step.complaints.append(f"up: {update.output}")
        else:
            address = address or _address(stack)
            step.complaints += _standing(stack, wanted, address)
        step.complaints += broken_promises(stack.cloud.entries(seen))
        trail.append(wanted)
        yield step
        if step.complaints:
            return


def _last_but_one(trail: list[Listed]) -> Listed | None:
    return trail[-2] if len(trail) > 1 else None


def _missing_from_plan(output: str, step: Transition) -> list[str]:
    """The plan that a preview begins with names everyone who joins and everyone who leaves."""
    before = set(step.before.identities) if step.before else set()
    after = set(step.after.identities)
    words = [f"{identity} leaves" for identity in before - after]
    words += [f"{identity} joins" for identity in after - before] if before else []
    flat = " ".join(output.split())
    return [f"the preview doesn't say {each!r}: {output}" for each in words if each not in flat]


def _standing(stack: Stack, wanted: Listed, address: str) -> list[str]:
    facts = stack.cloud.facts()
    etcd, rule = facts["guestModel"][BUCKET], facts["forwardingRules"]["dev-api"]
    identities = sorted(wanted.identities)
    truths = {
        f"voters are {etcd['voters']}": etcd["voters"] == identities,
        f"well are {etcd['healthy']}": sorted(etcd["healthy"]) == identities,
        f"machines are {sorted(facts['instances'])}": sorted(facts["instances"])
        == [f"dev-{identity}" for identity in identities],
        f"the rule is {rule}": ("backendService" in rule) == (len(identities) > 1),
        f"the address was {address} and is {rule['ip']}": rule["ip"] == address,
    }
    return [complaint for complaint, holds in truths.items() if not holds]


def _address(stack: Stack) -> str:
    return str(stack.cloud.facts()["forwardingRules"]["dev-api"]["ip"])
