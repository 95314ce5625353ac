"""The gates as Pulumi resources, and the stub of a provider that all of them share.

A dynamic provider is pickled into the state and its deletes run the pickled code, so it holds one string and imports
what it does when it does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import (
    ConfigureRequest,
    CreateResult,
    DiffResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

if TYPE_CHECKING:
    from components.google.provider_config import ProviderConfig


class GateProvider(ResourceProvider):
    """Asks what `kind` stands for: whether it is so, before each update; until it is so, on create and update; and whether
    what it guards may go, on delete.
    """

    serialize_as_secret_always = False
    google: ProviderConfig

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def configure(self, req: ConfigureRequest) -> None:
        """Finds how to sign in, in the process that runs the provider: no state ever holds it."""
        from components.google.provider_config import ProviderConfig

        self.google = ProviderConfig.read(lambda key: req.config.get(f"gcp:{key}"))

    def create(self, props: dict[str, Any]) -> CreateResult:
        self._pass(props, "create")
        return CreateResult(id_=f"{self.kind}:{props['bucket']}", outs=_visible(props))

    def update(self, _id: str, _olds: dict[str, Any], props: dict[str, Any]) -> UpdateResult:
        self._pass(props, "update")
        return UpdateResult(outs=_visible(props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """A gate compares what is asked for with what is so, and not with what an earlier update recorded: that one may have
        been cut short.
        """
        before, after = _visible(olds), _visible(news)
        replaces = [key for key in TIED_TO if before.get(key) != after.get(key) and self.kind in GUARDS]
        if before != after:
            return DiffResult(changes=True, replaces=replaces)
        from components.gates import checks

        return DiffResult(changes=not checks.holds(self.kind, after, self.google), replaces=[])

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        from components.gates import checks

        checks.let_go(self.kind, _visible(props), self.google)

    def _pass(self, props: dict[str, Any], occasion: str) -> None:
        from components.gates import checks

        checks.pass_through(self.kind, _visible(props), occasion, self.google)


GUARDS = ("machine-guard", "data-guard")
TIED_TO = ("instanceId", "diskId", "address")
"""A guard stands for one machine, or one disk and address: another one brings another guard, so that the engine deletes the
former before what it depends on.
"""


class Gate(Resource, module="ha-masters", name="Gate"):
    """Inputs of a gate are what it waits for: a change in them is what makes it wait again."""

    def __init__(
        self, kind: str, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        super().__init__(GateProvider(kind), name, dict(props), opts)


@dataclass(frozen=True, slots=True)
class Site:
    """Where one replica's parts are, by the names that Google knows them by."""

    bucket: str
    replica: str
    project: str
    zone: str
    instance: str
    disk: str

    def props(self, *, disk: bool = True) -> dict[str, Any]:
        named = {
            "bucket": self.bucket,
            "replica": self.replica,
            "project": self.project,
            "zone": self.zone,
            "instance": self.instance,
        }
        return {**named, "disk": self.disk} if disk else named


class ClusterAlive(Gate, module="ha-masters", name="ClusterAlive"):
    """Stands at the beginning of an update: takes back the end that a destroy has announced and not come to."""

    def __init__(
        self, name: str, *, bucket: str, cluster: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("alive", name, {"bucket": bucket, "cluster": cluster}, opts)


class ClusterEnd(Gate, module="ha-masters", name="ClusterEnd"):
    """Goes first in a destroy, since it depends on all guards: its delete tells them that the whole cluster goes.

    It is protected as the API's address is, so that no part of the cluster can be destroyed by way of its dependents.
    """

    def __init__(
        self, name: str, *, bucket: str, cluster: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("end", name, {"bucket": bucket, "cluster": cluster}, opts)


class MachineGuard(Gate, module="ha-masters", name="MachineGuard"):
    """Depends on the VM, so it is deleted before it, whatever deletes that; and not while etcd needs the machine.

    A master has two: the departure's is asked before anything of the machine goes, its own when all but the VM has gone.
    """

    def __init__(
        self,
        name: str,
        site: Site,
        *,
        instance_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("machine-guard", name, {**site.props(), "instanceId": instance_id}, opts)


class DataGuard(Gate, module="ha-masters", name="DataGuard"):
    """Depends on the data disk and on the address, so it is deleted before them; and not while the others need the data.

    The VM depends on it, so that the disk's delete alone follows on its word.
    """

    def __init__(
        self,
        name: str,
        site: Site,
        *,
        disk_id: pulumi.Input[str],
        address: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("data-guard", name, {**site.props(), "diskId": disk_id, "address": address}, opts)


class ReplicaTurn(Gate, module="ha-masters", name="ReplicaTurn"):
    """Stands before a VM: passes only while etcd keeps its quorum without this replica.

    `shape` is what forces a stop or a replacement of the VM when it changes; replacing this gate replaces the VM.
    """

    def __init__(
        self,
        name: str,
        site: Site,
        *,
        shape: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("turn", name, {**site.props(disk=False), "shape": dict(shape)}, opts)


class DiskTurn(Gate, module="ha-masters", name="DiskTurn"):
    """Stands before a data disk: passes only while the others have all that is on it.

    Replacing this gate replaces the disk, and with it the machine.
    """

    def __init__(self, name: str, site: Site, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("disk-turn", name, site.props(), opts)


class ReplicaReady(Gate, module="ha-masters", name="ReplicaReady"):
    """Waits, on update, until this very machine serves with this very configuration; on create it doesn't wait.

    That is how changes roll one master at a time while a first creation boots them side by side. `shape` is here as in the
    turn, so that a machine that was stopped for its shape is waited for.
    """

    def __init__(
        self,
        name: str,
        site: Site,
        *,
        instance_id: pulumi.Input[str],
        config_hash: pulumi.Input[str],
        shape: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        asked = {"instanceId": instance_id, "configHash": config_hash, "shape": dict(shape)}
        super().__init__("ready", name, {**site.props(disk=False), **asked}, opts)


class EtcdMembership(Gate, module="ha-masters", name="EtcdMembership"):
    """Goal `joined`: every one of `members` is a healthy voter and serves. Goal `left`: and nobody else is a member.

    `instances` maps identities to VM ids, so that a machine that was replaced is waited for again; `places` to where
    Compute Engine is asked for their machines, `zone` and `instance`.
    """

    def __init__(
        self,
        name: str,
        *,
        goal: str,
        bucket: str,
        members: Sequence[str],
        instances: Mapping[str, pulumi.Input[str]],
        project: str,
        places: Mapping[str, Mapping[str, str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        asked = {"members": list(members), "instances": dict(instances)}
        where = {"project": project, "places": {name: dict(place) for name, place in places.items()}}
        super().__init__(goal, name, {"bucket": bucket, **asked, **where}, opts)


class ApiReady(Gate, module="ha-masters", name="ApiReady"):
    """Waits until the API is served where the forwarding rule points: `wanted` is `{"instance": name}` or
    `{"backendService": name}`.
    """

    def __init__(
        self,
        name: str,
        *,
        bucket: str,
        replicas: Sequence[str],
        project: str,
        region: str,
        wanted: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "bucket": bucket,
            "replicas": sorted(replicas),
            "project": project,
            "region": region,
            "wanted": dict(wanted),
        }
        super().__init__("api", name, props, opts)


def _visible(props: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the inputs without the pickled provider that travels among them."""
    return {key: value for key, value in props.items() if key != "__provider"}
