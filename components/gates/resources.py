"""The gates as Pulumi resources, and the stub of a provider that all of them share.

A dynamic provider is pickled into the state and its deletes run the pickled code, so it holds two strings and imports
what it does when it does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import (
    ConfigureRequest,
    CreateResult,
    DiffResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)


class GateProvider(ResourceProvider):
    """Runs the check of `kind` on create and on update; deleting a gate does nothing."""

    serialize_as_secret_always = False

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.access_token: str | None = None

    def configure(self, req: ConfigureRequest) -> None:
        self.access_token = req.config.get("gcp:accessToken")

    def create(self, props: dict[str, Any]) -> CreateResult:
        self._check(props, "create")
        return CreateResult(id_=f"{self.kind}:{props['bucket']}", outs=_visible(props))

    def update(self, _id: str, _olds: dict[str, Any], props: dict[str, Any]) -> UpdateResult:
        self._check(props, "update")
        return UpdateResult(outs=_visible(props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=_visible(olds) != _visible(news), replaces=[])

    def _check(self, props: dict[str, Any], occasion: str) -> None:
        from components.gates import checks

        checks.run(self.kind, _visible(props), occasion, self.access_token)


class _Gate(Resource, module="ha-masters", name="Gate"):
    """Inputs of a gate are what it waits for: a change in them is what makes it wait again."""

    def __init__(self, kind: str, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None):
        super().__init__(GateProvider(kind), name, props, opts)


class ReplicaTurn(_Gate, module="ha-masters", name="ReplicaTurn"):
    """Stands before a VM: passes only while etcd keeps its quorum without this replica.

    `shape` is what forces a stop or a replacement of the VM when it changes; replacing this gate replaces the VM.
    """

    def __init__(
        self,
        name: str,
        *,
        bucket: str,
        replica: str,
        shape: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("turn", name, {"bucket": bucket, "replica": replica, "shape": dict(shape)}, opts)


class DiskTurn(_Gate, module="ha-masters", name="DiskTurn"):
    """Stands before a data disk: passes only while the others have all that is on it.

    Replacing this gate replaces the disk, and with it the machine.
    """

    def __init__(
        self, name: str, *, bucket: str, replica: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("disk-turn", name, {"bucket": bucket, "replica": replica}, opts)


class ReplicaReady(_Gate, module="ha-masters", name="ReplicaReady"):
    """Waits, on update, until this very machine serves with this very configuration; on create it doesn't wait.

    That is how changes roll one master at a time while a first creation boots them side by side.
    """

    def __init__(
        self,
        name: str,
        *,
        bucket: str,
        replica: str,
        instance_id: pulumi.Input[str],
        config_hash: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"bucket": bucket, "replica": replica, "instanceId": instance_id, "configHash": config_hash}
        super().__init__("ready", name, props, opts)


class EtcdMembership(_Gate, module="ha-masters", name="EtcdMembership"):
    """Goal `joined`: every one of `members` is a healthy voter and serves. Goal `left`: nobody else is a member.

    `instances` maps identities to VM ids, so that a machine that was replaced is waited for again.
    """

    def __init__(
        self,
        name: str,
        *,
        goal: str,
        bucket: str,
        members: Sequence[str],
        instances: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"bucket": bucket, "members": list(members), "instances": dict(instances)}
        super().__init__(goal, name, props, opts)


class ApiReady(_Gate, module="ha-masters", name="ApiReady"):
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
    """The inputs without the pickled provider that travels among them."""
    return {key: value for key, value in props.items() if key != "__provider"}
