"""Managed instance groups by Compute Engine's REST API: what they have, and machines made and deleted by name.

https://cloud.google.com/compute/docs/reference/rest/v1/instanceGroupManagers. A call that is answered has been taken on:
what becomes of it is read by the next look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.host.compute import Compute
from node.host.web import WebError


@dataclass(frozen=True)
class Managed:
    """`action` as `currentAction` has it. `status` and `template` are empty while there is no VM, or while it goes;
    `problem` is why the last attempt to make it failed.
    """

    name: str
    action: str
    status: str = ""
    template: str = ""
    problem: str = ""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Managed:
        errors = (document.get("lastAttempt") or {}).get("errors") or {}
        said = [f"{each.get('code', '')}: {each.get('message', '')}" for each in errors.get("errors") or ()]
        return cls(
            str(document["instance"]).rpartition("/")[2],
            str(document.get("currentAction", "")),
            str(document.get("instanceStatus", "")),
            str((document.get("version") or {}).get("instanceTemplate", "")),
            said[0] if said else "",
        )


@dataclass(frozen=True)
class ManagedGroup:
    """`template` is what the group makes new machines of."""

    template: str
    machines: tuple[Managed, ...]


class ManagedGroups:
    """Calls raise WebError, also for an answer that can't be understood."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute

    def look(self, project: str, zone: str, name: str) -> ManagedGroup | None:
        """Returns None where there is no such group."""
        path = _path(project, zone, name)
        document = self._compute.call("GET", path)
        if document is None:
            return None
        versions = document.get("versions") or [{}]
        template = document.get("instanceTemplate") or versions[0].get("instanceTemplate") or ""
        found: list[Managed] = []
        token = ""
        while True:
            query = {"pageToken": token} if token else {}
            page = self._compute.call("POST", f"{path}/listManagedInstances", query)
            if page is None:
                return None
            try:
                found += [Managed.of(each) for each in page.get("managedInstances") or ()]
            except (KeyError, TypeError, AttributeError) as error:
                raise WebError(f"Compute Engine describes a machine of {name} without {error}") from None
            if not (token := str(page.get("nextPageToken") or "")):
                return ManagedGroup(str(template), tuple(found))

    def make(self, project: str, zone: str, name: str, machines: Sequence[str]) -> None:
        body = {"instances": [{"name": machine} for machine in machines]}
        self._asked(project, zone, name, "createInstances", body)

    def delete(self, project: str, zone: str, name: str, machine: str) -> None:
        """Also of one that goes already, or is no longer the group's: then nothing happens."""
        reference = f"zones/{zone}/instances/{machine}"
        body = {"instances": [reference], "skipInstancesOnValidationError": True}
        self._asked(project, zone, name, "deleteInstances", body)

    def _asked(self, project: str, zone: str, name: str, verb: str, body: Mapping[str, Any]) -> None:
        if self._compute.call("POST", f"{_path(project, zone, name)}/{verb}", body=body) is None:
            raise WebError(f"there is no group {name}")


def _path(project: str, zone: str, name: str) -> str:
    return f"projects/{project}/zones/{zone}/instanceGroupManagers/{name}"
