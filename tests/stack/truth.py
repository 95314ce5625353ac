"""Whether an update that ended with success was true when it ended: etcd, masters and the API's rule are as asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from tests.stack.harness import CLUSTER, REGION, Cloud
from tests.stack.invariants import ADDRESS, BUCKET

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Stood:
    """What there is. `machines`: Compute Engine's, by identity; `statuses`: the bucket's; `behind`: the machines that the
    rule leads to, and the load balancer's word on each, or HEALTHY where there is none.
    """

    etcd: Document
    machines: Mapping[str, Document]
    statuses: Mapping[str, Document]
    behind: Mapping[str, str]


def untrue(there: Stood, replicas: Sequence[str]) -> list[str]:
    """What is otherwise than `replicas`, written `m1/b`, would have it."""
    wanted = sorted(replica.replace("/", "-") for replica in replicas)
    found = []
    for what in ("voters", "healthy", "serving"):
        if sorted(there.etcd.get(what, ())) != wanted:
            found.append(f"{what} are {sorted(there.etcd.get(what, ()))}, asked for were {wanted}")
    if there.etcd.get("learners"):
        found.append(f"{there.etcd['learners']} still learn")
    if sorted(there.machines) != wanted:
        found.append(f"machines are {sorted(there.machines)}, asked for were {wanted}")
    for name in wanted:
        found += [f"{name} {what}" for what in _otherwise(there.machines.get(name), there.statuses.get(name))]
    if sorted(there.behind) != wanted:
        found.append(f"the API's rule leads to {sorted(there.behind)}, asked for were {wanted}")
    found += [f"{name} is {said} behind the rule" for name, said in there.behind.items() if said != "HEALTHY"]
    return found


def _otherwise(machine: Document | None, status: Document | None) -> list[str]:
    if machine is None or status is None:
        return ["has no machine" if machine is None else "has no status"]
    found = []
    items = {item["key"]: item.get("value", "") for item in machine["metadata"]["items"]}
    if machine["status"] != "RUNNING":
        found.append(f"is {machine['status']}")
    if status["instanceId"] != str(machine["id"]):
        found.append("reports as another machine")
    if status["configHash"] != items["config-hash"]:
        found.append("runs with another configuration")
    if status["phase"] != "serving":
        found.append(f"is {status['phase']}: {status['reason']}")
    return found


def stood(cloud: Cloud) -> Stood:
    facts = cloud.facts()
    machines = {
        name.removeprefix(f"{CLUSTER}-"): cloud.compute("GET", f"zones/{machine['zone']}/instances/{name}")
        for name, machine in facts["instances"].items()
    }
    statuses = {name: status for name in machines if (status := _status(cloud, name))}
    return Stood(facts["guestModel"].get(BUCKET, {}), machines, statuses, _behind(cloud, facts))


def _status(cloud: Cloud, replica: str) -> Document | None:
    name = quote(f"status/{replica}.json", safe="")
    reply = requests.get(f"{cloud.url}/storage/v1/b/{BUCKET}/o/{name}?alt=media", timeout=30)
    return dict(json.loads(reply.content)) if reply.ok else None


def _behind(cloud: Cloud, facts: Document) -> dict[str, str]:
    rule = facts["forwardingRules"].get(ADDRESS, {})
    if target := rule.get("target"):
        zones = cloud.compute("GET", "aggregated/targetInstances")["items"].values()
        targets = [
            each for zone in zones for each in zone.get("targetInstances", ()) if each["name"] == target
        ]
        return {_identity(each["instance"]): "HEALTHY" for each in targets}
    if service := rule.get("backendService"):
        path = f"regions/{REGION}/backendServices/{service}"
        health = {}
        for backend in cloud.compute("GET", path).get("backends", ()):
            reply = cloud.compute("POST", f"{path}/getHealth", json={"group": backend["group"]})
            for row in reply.get("healthStatus", ()):
                health[_identity(row["instance"])] = str(row.get("healthState", "UNHEALTHY"))
        return health
    return {}


def _identity(url: str) -> str:
    return url.rsplit("/", 1)[-1].removeprefix(f"{CLUSTER}-")
