"""One look at a project, everything side by side under one deadline. It reads, and raises for nothing that Google does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal
from urllib.parse import quote, urlencode

import requests

from components.config import StackConfig
from components.google.side_by_side import side_by_side, why
from components.google.transport import Google
from components.preflight.asked import machine_types, places
from components.preflight.facts import Image, MachineType, Quota, Rule, Seen, Unasked
from components.preflight.policies import applying
from components.preflight.project import services
from components.resource_names import Names

DEADLINE_SECONDS = 10.0
_TESTED_AT_ONCE = 100
"""https://cloud.google.com/resource-manager/reference/rest/v1/projects/testIamPermissions."""


def look(
    config: StackConfig,
    google: Google,
    permissions: Sequence[str] = (),
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Seen:
    """Returns what Google says of the project. Whether the caller has `permissions` is asked too, if there are any."""
    found = side_by_side(_calls(_Project(google, config), permissions), deadline_seconds)

    def got(call: str) -> Any:
        outcome = found[call]
        return Unasked(why(outcome)) if isinstance(outcome, Exception) else outcome

    regional, own = got("region"), got("project")
    quotas = next((each for each in (regional, own) if isinstance(each, Unasked)), None)
    return Seen(
        services=got("services"),
        policies={each.name: got(f"policy {each.name}") for each in applying(config)},
        quotas=quotas or (*regional, *own),
        zones={zone: got(f"zone {zone}") for zone in places(config)},
        types={key: got(f"type {key}") for key in sorted(machine_types(config))},
        image=got("image"),
        bucket=got("bucket"),
        permissions=got("permissions") if permissions else None,
    )


def rules_of(google: Google, config: StackConfig, constraint: str) -> tuple[Rule, ...]:
    """Returns the rules in force for the project. Raises what `requests` raises."""
    path = f"projects/{config.project}/policies/{constraint}:getEffectivePolicy"
    policy = google.get(google.url("org_policy", path)).json()
    return tuple((policy.get("spec") or {}).get("rules") or ())


def _calls(project: _Project, permissions: Sequence[str]) -> dict[str, Callable[[], Any]]:
    config = project.config
    calls: dict[str, Callable[[], Any]] = {
        "services": project.services,
        "region": partial(project.quotas, f"/regions/{config.region}"),
        "project": partial(project.quotas, ""),
        "image": project.image,
        "bucket": project.bucket,
    }
    for constraint in applying(config):
        calls[f"policy {constraint.name}"] = partial(rules_of, project.google, config, constraint.name)
    for zone in places(config):
        calls[f"zone {zone}"] = partial(project.zone, zone)
    for key in sorted(machine_types(config)):
        calls[f"type {key}"] = partial(project.machine_type, *key)
    if permissions:
        calls["permissions"] = partial(project.permissions, permissions)
    return calls


class _Project:
    """Raises what `requests` raises."""

    def __init__(self, google: Google, config: StackConfig) -> None:
        self.google, self.config = google, config
        self._path = f"projects/{config.project}"

    def services(self) -> dict[str, bool]:
        names = [("names", f"{self._path}/services/{each}") for each in services(self.config)]
        url = self.google.url("service_usage", f"{self._path}/services:batchGet?{urlencode(names)}")
        found = self.google.get(url).json().get("services", [])
        return {each["name"].rpartition("/")[2]: each.get("state") == "ENABLED" for each in found}

    def quotas(self, place: str) -> tuple[Quota, ...]:
        found = self.google.get(self.google.url("compute", f"{self._path}{place}")).json()
        return tuple(
            Quota(str(each["metric"]), float(each["limit"]), float(each.get("usage", 0)))
            for each in found.get("quotas") or ()
        )

    def zone(self, name: str) -> str | None:
        found = self.google.found(self.google.url("compute", f"{self._path}/zones/{name}"))
        return str(found["status"]) if found else None

    def machine_type(self, zone: str, name: str) -> MachineType | None:
        path = f"{self._path}/zones/{zone}/machineTypes/{name}"
        found = self.google.found(self.google.url("compute", path))
        return MachineType(int(found["guestCpus"]), str(found.get("architecture", ""))) if found else None

    def image(self) -> Image | None:
        found = self.google.found(self.google.url("compute", self.config.masters.image))
        if found is None:
            return None
        state = (found.get("deprecated") or {}).get("state") or "ACTIVE"
        return Image(str(state), int(found.get("diskSizeGb", 0)), str(found.get("architecture", "")))

    def bucket(self) -> Literal["free", "there", "another's"]:
        name = Names(self.config.cluster_name, self.config.project).bucket
        reply = self.google.send("GET", self.google.url("storage", f"b/{quote(name, safe='')}"))
        if reply.status_code == requests.codes.not_found:
            return "free"
        if reply.status_code == requests.codes.forbidden:
            return "another's"
        reply.raise_for_status()
        return "there"

    def permissions(self, wanted: Sequence[str]) -> frozenset[str]:
        url = self.google.url("resource_manager", f"{self._path}:testIamPermissions")
        granted: set[str] = set()
        for start in range(0, len(wanted), _TESTED_AT_ONCE):
            asked = list(wanted[start : start + _TESTED_AT_ONCE])
            granted |= set(self.google.post(url, {"permissions": asked}).get("permissions") or ())
        return frozenset(granted)
