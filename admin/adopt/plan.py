"""What is to be adopted: what the next update would create and is there, and what it would delete and isn't."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from graphlib import TopologicalSorter
from typing import Any

from admin.adopt.google import Found
from admin.adopt.provider_id import ProviderId, identify, marked
from components.google.moments import moment

Look = Callable[[ProviderId], Found | None]
GOOGLE = "gcp:"
SKEW = timedelta(minutes=5)
"""By how much the clock of whoever ran the first update may be ahead of Google's."""


@dataclass(frozen=True)
class Orphan:
    """A resource of this stack's names that its state lacks. `foreign`: it is older than the stack, or another cluster's.

    `revived`: the state knows it as deleted, on its way to be made anew, and it was. `dependencies`: URNs of what the
    program made it from.
    """

    urn: str
    type: str
    name: str
    parent: str
    id: str
    foreign: bool
    revived: bool
    dependencies: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.type.rsplit(':', 1)[-1]} {self.id}"


@dataclass(frozen=True)
class Plan:
    """`unfinished` operations are under way as far as the state knows; `gone` are URNs that Google has no more; `unread`
    are versions of secrets that were added and never recorded; `changing` are URNs of what was being changed in place:
    whether it was, Google knows, and so its fingerprint, without which it can't be changed again.
    """

    orphans: tuple[Orphan, ...]
    unfinished: int
    gone: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    changing: tuple[str, ...] = ()

    @property
    def ours(self) -> tuple[Orphan, ...]:
        return tuple(orphan for orphan in self.orphans if not orphan.foreign)

    @property
    def revived(self) -> tuple[str, ...]:
        return tuple(orphan.urn for orphan in self.ours if orphan.revived)

    @property
    def empty(self) -> bool:
        return not (self.ours or self.unfinished or self.gone or self.unread)


def plan(state: Mapping[str, Any], preview: Mapping[str, Any], look: Look) -> Plan:
    deployment = state["deployment"]
    recorded: dict[str, Any] = {each["urn"]: each for each in deployment.get("resources") or []}
    begun = _begun(recorded)
    project = preview["config"]["gcp:project"]
    cluster = _cluster(preview["config"])
    candidates = [
        (step["newState"], False)
        for step in preview["steps"]
        if step["op"] == "create" and step["urn"] not in recorded
    ]
    candidates += [(each, True) for each in recorded.values() if each.get("pendingReplacement")]
    candidates += [(each, False) for each in _cut_off_and_unwanted(deployment, preview, recorded)]
    orphans, gone = [], []
    for resource, revived in candidates:
        identity = identify(resource["type"], resource.get("inputs") or {}, project)
        found = look(identity) if identity else None
        if identity and not found and revived:
            gone.append(resource["urn"])
        if identity and found:
            older = begun is None or (found.since is not None and found.since < begun - SKEW)
            foreign = older or _of_another(identity, found, cluster)
            urn = resource["urn"]
            parent = resource.get("parent", "")
            name = urn.rsplit("::", 1)[-1]
            needs = tuple(resource.get("dependencies") or ())
            orphans.append(Orphan(urn, resource["type"], name, parent, identity.id, foreign, revived, needs))
    for urn in (step["urn"] for step in preview["steps"] if step["op"] == "delete"):
        resource = recorded.get(urn)
        identity = resource and identify(resource["type"], resource.get("inputs") or {}, project)
        if identity and not look(identity):
            gone.append(urn)
    pending = deployment.get("pending_operations") or []
    changing = sorted(
        {
            each["resource"]["urn"]
            for each in pending
            if each["type"] == "updating" and each["resource"]["type"].startswith(GOOGLE)
        }
    )
    return Plan(tuple(orphans), len(pending), tuple(gone), changing=tuple(changing))


def _cut_off_and_unwanted(
    deployment: Mapping[str, Any], preview: Mapping[str, Any], recorded: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Returns what was being made when the engine was killed and what the program, edited since, doesn't ask for: it may
    stand, a master among masters, and only what the state knows is ever deleted.
    """
    asked = {step["urn"] for step in preview["steps"]}
    return [
        each["resource"]
        for each in deployment.get("pending_operations") or []
        if each["type"] == "creating" and each["resource"]["urn"] not in {*asked, *recorded}
    ]


def tidied(state: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Returns the state in which nothing is under way, and in which what was to be replaced counts as made: it was made
    anew, or it is gone and a refresh, which passes over what is being replaced, finds that.

    The engine deletes what was to be replaced once more when the update is taken back, and the provider fails on a VM that
    isn't there.
    """
    tidy = copy.deepcopy(dict(state))
    tidy["deployment"].pop("pending_operations", None)
    for resource in tidy["deployment"].get("resources") or []:
        if resource["urn"] in (*plan.revived, *plan.gone):
            resource.pop("pendingReplacement", None)
    return tidy


def tied(state: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Returns the state in which what was imported depends on what it was made from, as everything else does: the engine
    imports without that, and would ask Google to delete an address while the machine that has it still stands.

    What is depended upon comes first, which the engine insists on.
    """
    whole = copy.deepcopy(dict(state))
    listed = whole["deployment"]["resources"]
    resources = {each["urn"]: each for each in listed if not each.get("delete")}
    needs = {
        orphan.urn: [urn for urn in orphan.dependencies if urn in resources]
        for orphan in plan.ours
        if orphan.urn in resources and not orphan.revived
    }
    for urn, dependencies in needs.items():
        resources[urn]["dependencies"] = dependencies
    imported = [urn for urn in TopologicalSorter(needs).static_order() if urn in needs]
    whole["deployment"]["resources"] = [
        *(each for each in listed if each["urn"] not in needs or each.get("delete")),
        *(resources[urn] for urn in imported),
    ]
    return whole


def import_file(plan: Plan, version: str) -> dict[str, Any]:
    """Returns the engine's bulk import; `version` is the provider's that the program uses, so that both are one provider."""
    fresh = [orphan for orphan in plan.ours if not orphan.revived]
    parents = sorted({orphan.parent for orphan in fresh})
    table = {parent.rsplit("::", 1)[-1]: parent for parent in parents}
    return {
        "nameTable": table,
        "resources": [
            {
                "type": orphan.type,
                "name": orphan.name,
                "id": orphan.id,
                "parent": orphan.parent.rsplit("::", 1)[-1],
                "version": version,
            }
            for orphan in fresh
        ],
    }


def _begun(recorded: Mapping[str, Any]) -> datetime | None:
    times = [each["created"] for each in recorded.values() if each.get("created")]
    return min(map(moment, times), default=None)


def _of_another(identity: ProviderId, found: Found, cluster: str) -> bool:
    """Returns whether it says that it isn't ours. What says nothing, as what older releases made, goes by its age alone."""
    mark = marked(found.doc) or marked(found.machine)
    if mark and cluster:
        return mark != cluster
    return bool(identity.agrees and not identity.agrees(found.doc))


def _cluster(config: Mapping[str, Any]) -> str:
    """Returns `clusterName`, whatever the project is called."""
    return str(next((value for key, value in config.items() if key.endswith(":clusterName")), ""))
