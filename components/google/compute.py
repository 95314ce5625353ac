"""Machines, disks and backends of Compute Engine: https://cloud.google.com/compute/docs/reference/rest/v1. It only reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from components.google.balancer import Balancer, aimed_at
from components.google.machine import Machine, Place
from components.google.moments import moment
from components.google.side_by_side import side_by_side
from components.google.transport import Google

LOOK_SECONDS = 30.0
"""For so long machines are asked for at most; a gate then looks again."""


class Compute:
    """Compute Engine, as gates and looks read it. Calls raise what `Google` raises."""

    def __init__(self, google: Google) -> None:
        self._google = google

    def document(self, path: str) -> dict[str, Any] | None:
        """Returns what stands at a path such as `projects/…/disks/NAME`; None if nothing does."""
        return self._google.found(self._google.url("compute", path))

    def machine(self, place: Place) -> Machine | None:
        """Returns the VM of that name; None if there is none."""
        doc = self.document(f"projects/{place.project}/zones/{place.zone}/instances/{place.instance}")
        if doc is None:
            return None
        started = doc.get("lastStartTimestamp")
        return Machine(
            str(doc["id"]),
            str(doc["status"]),
            _last(doc.get("machineType", "")),
            moment(started) if started else None,
        )

    def machines(self, place: Place, replica: str, others: Iterable[str]) -> dict[str, Machine | None]:
        """Returns the VMs of `others` by identity, where `place` is that of `replica`."""
        return {other: self.machine(place.beside(replica, other)) for other in others}

    def machines_at(self, places: Mapping[str, Place]) -> dict[str, Machine | None]:
        """The VMs at these places, asked for side by side. Raises what one of the calls raised."""
        calls = {name: partial(self.machine, place) for name, place in places.items()}
        found = side_by_side(calls, LOOK_SECONDS)
        for outcome in found.values():
            if isinstance(outcome, Exception):
                raise outcome
        return found

    def balancers(self, project: str, tag: str) -> list[Balancer]:
        """Returns the load balancers of Services whose firewall rules aim at `tag`."""
        url = self._google.url("compute", f"projects/{project}/global/firewalls")
        return aimed_at(self._google.items(url), tag)

    def disk_id(self, project: str, zone: str, name: str) -> str:
        """Google's id of the disk of that name; empty if there is none."""
        doc = self.document(f"projects/{project}/zones/{zone}/disks/{name}")
        return str(doc["id"]) if doc else ""

    def managed_instances(self, project: str, zone: str, group: str) -> list[str] | None:
        """Returns the names of the VMs that a managed group has, makes or deletes; None where there is no such group."""
        path = f"projects/{project}/zones/{zone}/instanceGroupManagers/{group}"
        if self.document(path) is None:
            return None
        reply = self._google.post(self._google.url("compute", f"{path}/listManagedInstances"), {})
        return sorted(_last(each["instance"]) for each in reply.get("managedInstances", []))

    def backend_groups(self, service: str) -> list[str] | None:
        """Returns the instance groups behind a backend service, as Google refers to them. None: there is no such service."""
        doc = self.document(service)
        return None if doc is None else _groups(doc)

    def group_members(self, group: str) -> list[str]:
        """Returns the names of the instances in a group."""
        url = self._google.url("compute", f"{group.partition('/compute/v1/')[2]}/listInstances")
        reply = self._google.post(url, {"instanceState": "ALL"})
        return [_last(row["instance"]) for row in reply.get("items", [])]

    def group_health(self, service: str, group: str) -> dict[str, str]:
        """Returns `HEALTHY` or `UNHEALTHY` by instance, as the load balancer's probes see it."""
        url = self._google.url("compute", f"{service}/getHealth")
        reply = self._google.post(url, {"group": group})
        return {
            _last(row["instance"]): str(row.get("healthState", "UNHEALTHY"))
            for row in reply.get("healthStatus", [])
        }

    def backend_health(self, service: str) -> Mapping[str, str]:
        """Returns the health of all instances behind a backend service. Raises where there is no such service."""
        doc = self._google.get(self._google.url("compute", service)).json()
        health: dict[str, str] = {}
        for group in _groups(doc):
            health |= self.group_health(service, group)
        return health


def service_path(project: str, region: str, name: str) -> str:
    return f"projects/{project}/regions/{region}/backendServices/{name}"


def _groups(service: Mapping[str, Any]) -> list[str]:
    return [str(backend["group"]) for backend in service.get("backends", [])]


def _last(reference: object) -> str:
    return str(reference).rpartition("/")[2]
