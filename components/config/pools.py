"""The pools of workers: https://kubernetes.io/docs/concepts/architecture/nodes/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv4Network

from components.config import families, names, node_labels, values
from components.config.builds import worker_misfits
from components.config.errors import Refused
from components.config.masters import BOOT_DISK_TYPE, MastersSpec
from components.config.network import NetworkSpec
from components.config.node_labels import TaintSpec, read_node_labels, read_taints
from components.config.replicas import ReplicaSpec, read_zone
from components.config.section import Section, listed
from components.config.setting import own, required, sections, setting

EXAMPLE = "{name: web, zones: [europe-west1-b, europe-west1-c], size: 2}"
MOST_POOLS = 20
MOST_A_ZONE = 500
GATE_DEADLINE_SECONDS = 3_600
"""How long an update waits for the pools. A drain that may take longer than that could never be told from one that hangs."""

POD_PREFIX_LENGTH = 24
"""Of the range that each machine takes for its pods."""


def _zones(value: object, region: str | None = None) -> tuple[str, ...]:
    """Returns the zones, sorted. `region` is None where it isn't known. Raises Refused."""
    example = f"[{region or 'europe-west1'}-b]"
    zones = [read_zone(each, region) for each in listed(value, example)]
    if not zones:
        raise Refused("is empty", f"Name one zone at least: {example}. To take the pool away, take it off")
    if twice := sorted({zone for zone in zones if zones.count(zone) > 1}):
        raise Refused(f"names {twice[0]} twice", "Name each zone once, and write a larger size")
    return tuple(sorted(zones))


def _drain_timeout(value: object) -> int:
    seconds = values.duration("1m", "30d")(value)
    if seconds > GATE_DEADLINE_SECONDS:
        raise Refused(
            "is longer than an update waits for its pools, so it would give up before a drain does",
            f"Choose from 1m to {GATE_DEADLINE_SECONDS // 60}m",
        )
    return seconds


_SIZE = values.whole(0, MOST_A_ZONE, "machines a zone")


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """One of `pools`: workers of one sort. `size`, `least`, `most`, `max_surge` and `max_unavailable` are of each zone by
    itself. With `least` and `most` the autoscaler chooses, and `size` is `least`.

    `labels` and `taints` are Kubernetes', with which nodes register. A drain that takes longer than its timeout stops and
    says what keeps it: nothing is ever forced. An `image` that isn't given is the masters', and a type of boot disk follows
    from the machine's.
    """

    name: str = required("name", values.label, "", "Name the pool, such as web")
    zones: tuple[str, ...] = required("zones", _zones, (), "Name its zones: [europe-west1-b]")
    size: int = setting("size", _SIZE, 0)
    least: int | None = setting("min", _SIZE, None)
    most: int | None = setting("max", values.whole(1, MOST_A_ZONE, "machines a zone"), None)
    machine_type: str = setting("machineType", values.machine_type, "e2-standard-4")
    image: str = setting("image", values.image, "")
    boot_disk_type: str = setting("bootDiskType", BOOT_DISK_TYPE, "")
    boot_disk_size_gb: int = setting("bootDiskSizeGb", values.whole(10, 2_048, "GB"), 50)
    labels: Mapping[str, str] = own("labels", {})
    taints: tuple[TaintSpec, ...] = sections("taints", TaintSpec, node_labels.TAINT)
    spot: bool = setting("spot", values.boolean, False)
    max_surge: int = setting("maxSurge", values.whole(0, 50, "machines a zone"), 1)
    max_unavailable: int = setting("maxUnavailable", values.whole(0, 50, "machines a zone"), 0)
    drain_timeout_seconds: int = setting("drainTimeout", _drain_timeout, 10 * 60)

    @property
    def autoscaled(self) -> bool:
        return self.most is not None

    @property
    def ceiling(self) -> int:
        """So many machines a zone may have, but for the surge."""
        return self.size if self.most is None else self.most

    @property
    def sizes(self) -> dict[str, int]:
        """`size`, and `max` where the autoscaler chooses: as components record it."""
        return {"size": self.size} | ({} if self.most is None else {"max": self.most})


def read_pools(
    top: Section, *, region: str | None, cluster: str, masters: MastersSpec
) -> tuple[PoolSpec, ...]:
    """Returns the pools in the operator's order. `region` is None, and `cluster` empty, where they aren't known."""
    items = top.items("pools")
    pools: list[PoolSpec] = []
    for item in items:
        pool = _pool(item, region, masters)
        if item.ok("name") and pool.name in {each.name for each in pools}:
            item.refuse("name", Refused("is the name of another pool too", "Give each pool one of its own"))
        if item.ok("name") and cluster:
            try:
                names.check_pool(cluster, pool.name)
            except Refused as refused:
                item.refuse("name", refused)
        pools.append(pool)
    if len(items) > MOST_POOLS:
        remedy = f"Keep {MOST_POOLS} or fewer: machines of one sort are one pool, in whatever zones"
        top.refuse("pools", Refused(f"are {len(items)} pools", remedy), _named(pools))
    return tuple(pools)


def _pool(item: Section, region: str | None, masters: MastersSpec) -> PoolSpec:
    remedy = f"Name its zones: [{region or 'europe-west1'}-b]"
    found = item.fill(
        PoolSpec,
        zones=lambda: item.take("zones", partial(_zones, region=region), remedy=remedy),
        labels=lambda: read_node_labels(item.within("labels")),
        taints=lambda: read_taints(item),
    )
    _check_size(item, found)
    pool = replace(
        found,
        size=found.size if found.least is None else found.least,
        image=found.image or masters.image,
        boot_disk_type=found.boot_disk_type or families.boot_disk(found.machine_type),
    )
    if item.ok("maxSurge", "maxUnavailable") and not pool.max_surge + pool.max_unavailable:
        key = "maxUnavailable" if "maxUnavailable" in item.values else "maxSurge"
        refused = Refused(
            "leaves the pool neither a machine more nor one less, so none of them could ever be replaced",
            "Write 1 or more for maxSurge (a new one first) or for maxUnavailable (an old one first)",
        )
        item.refuse(key, refused)
    if item.ok("machineType", "bootDiskType", "image"):
        for key, refused in worker_misfits(pool.machine_type, pool.boot_disk_type, pool.image):
            item.refuse(key if key in item.values else "machineType", refused)
            break
    return pool


def _check_size(item: Section, pool: PoolSpec) -> None:
    """Refuses what is neither a number nor a least and a most."""
    given = [key for key in ("size", "min", "max") if key in item.values]
    if not given:
        item.take("size", remedy="Write how many a zone; or min and max, and the autoscaler chooses")
    elif "size" in given and len(given) > 1:
        remedy = "Keep size for so many, or min and max for what the autoscaler chooses"
        item.refuse(given[1], Refused("stands beside size", remedy))
    elif "size" not in given and len(given) == 1:
        (other,) = {"min", "max"} - set(given)
        item.refuse(other, Refused(f"is missing beside {given[0]}", "Write both, of each zone by itself"))
    elif (
        item.ok("min", "max") and pool.least is not None and pool.most is not None and pool.least > pool.most
    ):
        item.refuse("min", Refused(f"is more than max, {pool.most}", "Write the smaller number for min"))


def check_pools(
    top: Section, pools: Sequence[PoolSpec], replicas: Sequence[ReplicaSpec], network: NetworkSpec
) -> None:
    """Refuses what pools and masters can't be together: names that meet, and too little room for everybody's pods."""
    for pool in pools:
        for replica in replicas:
            if pool.name and names.meet(pool.name, pool.zones, replica.identity):
                wrong = f"has the pool {pool.name}, whose group or machines may be called as the master {replica.identity}"
                top.refuse("pools", Refused(wrong, "Give the pool another name"), _named(pools))
    room = 2 ** (POD_PREFIX_LENGTH - IPv4Network(network.pod_range).prefixlen)
    most = sum(len(pool.zones) * (pool.ceiling + pool.max_surge) for pool in pools)
    if pools and most + len(replicas) > room:
        top.refuse(
            "pools",
            Refused(
                f"are up to {most} machines beside {_masters(replicas)}, and network.podRange, {network.pod_range}, has "
                f"{room} ranges of a /{POD_PREFIX_LENGTH}, one for each",
                "Ask for fewer machines, or make another stack with a larger range: a living one's can't change",
            ),
            _named(pools),
        )


def _named(pools: Sequence[PoolSpec]) -> list[str]:
    return [pool.name for pool in pools]


def _masters(replicas: Sequence[ReplicaSpec]) -> str:
    return f"{len(replicas)} master{'' if len(replicas) == 1 else 's'}"
