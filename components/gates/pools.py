"""The gates of workers: they wait for the pools as a whole, and guard what machines of pools are in."""

from __future__ import annotations

import pulumi

from components.gates.resources import Gate


class PoolsSettled(Gate, module="ha-masters", name="PoolsSettled"):
    """Waits until the masters' leader says that every zone of every pool is as `pools` asks, the text of it."""

    def __init__(
        self,
        name: str,
        *,
        bucket: str,
        pools: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("pools", name, {"bucket": bucket, "pools": pools}, opts)


class PoolsLeave(Gate, module="ha-masters", name="PoolsLeave"):
    """Stands on all that pools are made of, so it goes first where the last of them goes: its delete has all nodes drained
    and deleted. In a destroy it goes behind `ClusterEnd`, and then waits for nothing.
    """

    def __init__(self, name: str, *, bucket: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("pools-leave", name, {"bucket": bucket}, opts)


class PoolGuard(Gate, module="ha-masters", name="PoolGuard"):
    """Depends on a zone's group, so it is deleted before it; and not while a machine is in it, unless the whole cluster
    goes: Google deletes a group with all its VMs, drained or not.
    """

    def __init__(
        self,
        name: str,
        *,
        bucket: str,
        project: str,
        zone: str,
        group: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"bucket": bucket, "project": project, "zone": zone, "group": group}
        super().__init__("pool-guard", name, props, opts)
