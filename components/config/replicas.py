"""The list of masters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from components.config import families, names, values
from components.config.builds import Build, misfits
from components.config.errors import Refused
from components.config.etcd import DATA_DISK_GB, EtcdSpec, check_room
from components.config.masters import BOOT_DISK_TYPE, MastersSpec
from components.config.section import Section
from components.config.setting import required, setting

MOST = 7
"""etcd's own advice: beyond seven voters each write waits for more and more disks, and little is gained."""

EXAMPLE = "{name: m1, zone: europe-west1-b}"

_ZONE = re.compile(r"([a-z]+-[a-z]+\d+)-(?:[a-z]|ai\d+[a-z])")


def read_zone(value: object, region: str | None = None) -> str:
    """Returns a zone of the region. `region` is None where it is not to be relied on."""
    match = _ZONE.fullmatch(values.text(value))
    if match is None:
        raise Refused("is not a zone", f"Write a zone's name, such as {region or 'europe-west1'}-b")
    if region is not None and match[1] != region:
        raise Refused(
            f"is not in {region}, the region of the address that all masters share",
            f"Name a zone of {region}, such as {region}-b; gcp:region can't change for a living cluster",
        )
    return match[0]


@dataclass(frozen=True, slots=True)
class ReplicaSpec:
    """One of `replicas`: a master. What its machine and its disks are is its own, or else that of `masters` and `etcd`;
    types of disks that neither names follow from the machine type.
    """

    name: str = required("name", values.label, "", "Name the replica, such as m1")
    zone: str = required("zone", read_zone, "", "Name its zone, such as europe-west1-b")
    machine_type: str = setting("machineType", values.machine_type, "")
    boot_disk_type: str = setting("bootDiskType", BOOT_DISK_TYPE, "")
    data_disk_size_gb: int = setting("dataDiskSizeGb", DATA_DISK_GB, 0)
    data_disk_type: str = ""

    @property
    def identity(self) -> str:
        """Name and zone in one word (`m1-b`): another zone is another member, so that a move is a swap."""
        return names.identity(self.name, self.zone)


def read_replicas(
    top: Section,
    *,
    region: str | None,
    cluster: str,
    masters: tuple[Section, MastersSpec],
    etcd: tuple[Section, EtcdSpec],
    standing: Mapping[str, Build],
) -> tuple[ReplicaSpec, ...]:
    """Returns the replicas in the operator's order. `region` is None, and `cluster` empty, where they are not to be relied
    on. `masters` and `etcd` are what was read, and where it stood.
    """
    items = top.items("replicas")
    if not items and top.ok("replicas"):
        remedy = f"Name at least one: [{EXAMPLE}]"
        top.refuse("replicas", Refused("is missing" if "replicas" not in top.values else "is empty", remedy))
    if len(items) > MOST:
        listed = [item.values.get("name") for item in items]
        top.refuse(
            "replicas",
            Refused(
                f"are {len(items)} replicas, more than {MOST}",
                "Keep 5 or 7: more voters make each write slower, and workers are better for load",
            ),
            listed,
        )
    seen: dict[str, str] = {}
    replicas = []
    for item in items:
        replica = _replica(item, region, cluster, masters[1], etcd[1], seen)
        _check_build(replica, item, masters, etcd[0], standing.get(replica.identity))
        replicas.append(replica)
    return tuple(replicas)


def _replica(
    item: Section,
    region: str | None,
    cluster: str,
    masters: MastersSpec,
    etcd: EtcdSpec,
    seen: dict[str, str],
) -> ReplicaSpec:
    own = item.fill(ReplicaSpec, zone=lambda: item.take("zone", partial(read_zone, region=region)))
    machine_type = own.machine_type or masters.machine_type
    replica = replace(
        own,
        machine_type=machine_type,
        boot_disk_type=own.boot_disk_type or masters.boot_disk_type or families.boot_disk(machine_type),
        data_disk_type=etcd.data_disk_type or families.data_disk(machine_type),
        data_disk_size_gb=own.data_disk_size_gb or etcd.data_disk_size_gb,
    )
    name, zone = own.name, own.zone
    if "dataDiskSizeGb" in item.values and item.ok("dataDiskSizeGb"):
        try:
            check_room(replica.data_disk_size_gb, etcd.quota_bytes)
        except Refused as refused:
            item.refuse("dataDiskSizeGb", refused)
    if name in seen:
        item.refuse(
            "name",
            Refused(
                f"is the name of {seen[name]} too", "Give each replica a name of its own, also across zones"
            ),
        )
    elif name:
        seen[name] = item.path.partition(":")[2]
    if name and zone and cluster:
        try:
            names.check_replica(cluster, name, zone)
        except Refused as refused:
            item.refuse("name", refused)
    return replica


def _check_build(
    replica: ReplicaSpec,
    item: Section,
    masters: tuple[Section, MastersSpec],
    etcd: Section,
    standing: Build | None,
) -> None:
    """Refuses what Google wouldn't make a VM of. The one that stands it has made, whatever our tables say."""
    shared, spec = masters
    places = {
        "machine_type": _place("machineType", item, shared),
        "boot_disk_type": _place("bootDiskType", item, shared),
        "data_disk_type": (etcd, "dataDiskType"),
        "image": (shared, "image"),
    }
    build = Build(replica.machine_type, replica.boot_disk_type, replica.data_disk_type, spec.image)
    machine, key = places["machine_type"]
    if build == standing or not machine.ok(key):
        return
    for field, refused in misfits(build):
        section, key = places[field]
        if section.ok(key):
            section.refuse(key, refused)


def _place(key: str, item: Section, shared: Section) -> tuple[Section, str]:
    return (item if key in item.values else shared, key)
