"""The pools of workers: https://kubernetes.io/docs/concepts/architecture/nodes/."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network

from components.config import families, names, values
from components.config.builds import worker_misfits
from components.config.errors import Refused
from components.config.masters import BOOT_DISK_TYPE, MastersSpec
from components.config.node_labels import read_node_labels, read_taints
from components.config.replicas import read_zone
from components.config.section import Section, listed
from components.config.spec import NetworkSpec, PoolSpec, ReplicaSpec

EXAMPLE = "{name: web, zones: [europe-west1-b, europe-west1-c], size: 2}"
MOST_POOLS = 20
MOST_A_ZONE = 500
BOOT_DISK_GB = 50
MACHINE_TYPE = "e2-standard-4"
DRAIN_TIMEOUT = 10 * 60
GATE_DEADLINE_SECONDS = 3_600
"""How long an update waits for the pools. A drain that may take longer than that could never be told from one that hangs."""

POD_PREFIX_LENGTH = 24
"""Of the range that each machine takes for its pods."""


def read_pools(
    top: Section, *, region: str | None, cluster: str, masters: MastersSpec
) -> tuple[PoolSpec, ...]:
    """The pools in the operator's order. `region` is None, and `cluster` empty, where they are not to be relied on."""
    items = top.items("pools", "pools[]", EXAMPLE)
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
    machine_type = item.read("machineType", values.machine_type, MACHINE_TYPE)
    pool = PoolSpec(
        name=item.require("name", _name, "", "Name the pool, such as web"),
        zones=_zones(item, region),
        size=item.require(
            "size", values.whole(0, MOST_A_ZONE, "machines a zone"), 0, "Write how many a zone"
        ),
        machine_type=machine_type,
        image=item.read("image", values.image, masters.image),
        boot_disk_type=item.read("bootDiskType", BOOT_DISK_TYPE, None) or families.boot_disk(machine_type),
        boot_disk_size_gb=item.read("bootDiskSizeGb", values.whole(10, 2_048, "GB"), BOOT_DISK_GB),
        labels=read_node_labels(item.section("labels", None)),
        taints=read_taints(item),
        spot=item.read("spot", values.boolean, False),
        max_surge=item.read("maxSurge", values.whole(0, 50, "machines a zone"), 1),
        max_unavailable=item.read("maxUnavailable", values.whole(0, 50, "machines a zone"), 0),
        drain_timeout_seconds=item.read("drainTimeout", _drain_timeout, DRAIN_TIMEOUT),
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


def check_pools(
    top: Section, pools: Sequence[PoolSpec], replicas: Sequence[ReplicaSpec], network: NetworkSpec
) -> None:
    """What pools and masters can only be together: names that don't meet, and room for everybody's pods."""
    for pool in pools:
        for replica in replicas:
            if pool.name and names.meet(pool.name, pool.zones, replica.identity):
                wrong = f"has the pool {pool.name}, whose group or machines may be called as the master {replica.identity}"
                top.refuse("pools", Refused(wrong, "Give the pool another name"), _named(pools))
    room = 2 ** (POD_PREFIX_LENGTH - IPv4Network(network.pod_range).prefixlen)
    most = sum(len(pool.zones) * (pool.size + pool.max_surge) for pool in pools)
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


def _name(value: object) -> str:
    return names.label(values.text(value))


def _zones(item: Section, region: str | None) -> tuple[str, ...]:
    example = f"[{region or 'europe-west1'}-b]"

    def read(value: object) -> tuple[str, ...]:
        zones = [read_zone(each, region) for each in listed(value, example)]
        if not zones:
            raise Refused(
                "is empty", f"Name one zone at least: {example}. To take the pool away, take it off"
            )
        if twice := sorted({zone for zone in zones if zones.count(zone) > 1}):
            raise Refused(f"names {twice[0]} twice", "Name each zone once, and write a larger size")
        return tuple(sorted(zones))

    return item.require("zones", read, (), f"Name its zones: {example}")


def _drain_timeout(value: object) -> int:
    seconds = values.duration("1m", "30d")(value)
    if seconds > GATE_DEADLINE_SECONDS:
        raise Refused(
            "is longer than an update waits for its pools, so it would give up before a drain does",
            f"Choose from 1m to {GATE_DEADLINE_SECONDS // 60}m",
        )
    return seconds
