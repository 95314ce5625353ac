"""Asks Google what is there. All of it reads but `destroy`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from admin.adopt.provider_id import ProviderId
from components.google.moments import moment
from components.google.transport import Google

_TIMES = ("creationTimestamp", "timeCreated", "createTime")


@dataclass(frozen=True)
class Found:
    """`since` is None where Google doesn't tell it, as of service accounts and of what another resource holds.

    `doc` is what Google says of it, or of what holds it; `machine` is the VM whose mark counts for it.
    """

    since: datetime | None
    doc: Mapping[str, Any] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)


class Inventory:
    """What adopting asks of Google, and the one thing that it does there."""

    def __init__(self, google: Google) -> None:
        self._google = google

    def find(self, identity: ProviderId) -> Found | None:
        """Returns None if it isn't there."""
        method = "POST" if identity.path.endswith("/listInstances") else "GET"
        doc = self._ask(method, identity.service, identity.path)
        if doc is None:
            return None
        if identity.holds:
            return Found(None, doc) if identity.holds(doc) else None
        path = identity.machine(doc) if identity.machine else None
        machine = self._ask("GET", "compute", path) if path else None
        return Found(next((moment(doc[key]) for key in _TIMES if key in doc), None), doc, machine or {})

    def versions(self, secret: str) -> list[str]:
        """Returns the full names of a secret's versions that aren't destroyed."""
        found = self._ask("GET", "secret_manager", f"{secret}/versions") or {}
        return [each["name"] for each in found.get("versions", []) if each["state"] != "DESTROYED"]

    def metadata(self, instance: ProviderId) -> dict[str, str]:
        """Returns what a machine is told; nothing if there is no such machine."""
        found = self._ask("GET", "compute", instance.path) or {}
        return {item["key"]: item["value"] for item in found.get("metadata", {}).get("items", [])}

    def destroy(self, version: str) -> None:
        """Destroys the payload of a secret's version, for good."""
        self._ask("POST", "secret_manager", f"{version}:destroy")

    def _ask(self, method: str, service: str, path: str) -> dict[str, Any] | None:
        """Returns what is at that path; None if nothing is."""
        return self._google.found(self._google.url(service, path), method=method)
