"""Data disks of members that stay: Google grows one in place, and replaces it, empty, for anything else."""

from __future__ import annotations

from components.config import StackConfig
from components.edits.findings import NOTHING, Findings, Missing, note, refuse
from components.resource_names import SNAPSHOT_PREFIX_LIMIT
from components.standing.facts import Standing
from components.wording import listed


def disks(standing: Standing, config: StackConfig) -> Findings:
    staying = [
        (index, replica, disk)
        for index, replica in enumerate(config.replicas)
        if (disk := standing.disks.get(replica.identity)) is not None
    ]
    wanted = config.etcd
    found = _snapshots(standing, config) + _types(standing, config)
    resized: dict[tuple[str, int, int], list[str]] = {}
    for index, replica, disk in staying:
        own = replica.data_disk_size_gb != wanted.data_disk_size_gb
        key = f"replicas[{index}].dataDiskSizeGb" if own else "etcd.dataDiskSizeGb"
        if disk.size_gb not in (0, replica.data_disk_size_gb):
            resized.setdefault((key, disk.size_gb, replica.data_disk_size_gb), []).append(replica.name)
    for (key, former, value), who in resized.items():
        if former < value:
            says = f"Grows in place ({listed(who)}), and can't be shrunk again"
            found += note(key, former, value, says)
        else:
            found += refuse(
                key,
                former,
                value,
                f"Google can't shrink a disk: the data of {listed(who)} would be deleted",
                f"Keep {former} (for one replica alone: replicas[].dataDiskSizeGb), or give the replica another name in "
                "the same update: its successor joins with a smaller disk before it leaves",
            )
    protected = {disk.snapshot for _, _, disk in staying}
    if protected and protected != {wanted.data_disk_protection == "snapshot"}:
        says = {
            "snapshot": "Google takes a snapshot of a data disk before it is destroyed",
            "protect": "Pulumi refuses to destroy a data disk until `pulumi state unprotect`",
            "none": "Data disks of replicas that leave are then destroyed without a trace",
        }[wanted.data_disk_protection]
        former_protection = "snapshot" if True in protected else "none or protect"
        found += note("etcd.dataDiskProtection", former_protection, wanted.data_disk_protection, says)
    return found


def _snapshots(standing: Standing, config: StackConfig) -> Findings:
    """What a former release made with a long name can't be destroyed: the update would fail as its last step, each time."""
    wanted, found = {replica.identity for replica in config.replicas}, NOTHING
    for identity, disk in sorted(standing.disks.items()):
        too_long = disk.snapshot and len(disk.snapshot_prefix) > SNAPSHOT_PREFIX_LIMIT
        if too_long and identity not in wanted:
            found += refuse(
                "replicas",
                identity,
                Missing,
                "Before its data disk is destroyed a snapshot is taken, which the disk's long name leaves no name for",
                "Put the replica back and run `pulumi up` once, which gives the snapshot a shorter name; then take it out",
            )
    return found


def _types(standing: Standing, config: StackConfig) -> Findings:
    """A type that the config doesn't name follows the machine, and what is refused then is the other machine."""
    machines = {master.identity: master.machine_type for master in standing.masters}
    changed: dict[tuple[str, str, str, str, str], list[str]] = {}
    for index, replica in enumerate(config.replicas):
        former, value = standing.disks.get(replica.identity), replica.data_disk_type
        if former is None or former.type in ("", value):
            continue
        was, will = machines.get(replica.identity, ""), replica.machine_type
        if config.etcd.data_disk_type is None and was not in ("", will):
            own = will != config.masters.machine_type
            change = (f"replicas[{index}].machineType" if own else "masters.machineType", was, will)
        else:
            change = ("etcd.dataDiskType", former.type, value)
        changed.setdefault((*change, former.type, value), []).append(replica.name)
    found = NOTHING
    for (key, was, will, type_, other), who in sorted(changed.items()):
        why = "" if key == "etcd.dataDiskType" else f"Its data disk would be {other} instead of {type_}, and "
        way = (
            "give the replica another name in the same update: its successor joins with a disk of the other type before it "
            "leaves"
            if key.startswith("replicas")
            else "give every replica another name in the same update: their successors join with disks of the other type "
            "before they leave"
        )
        found += refuse(
            key,
            was,
            will,
            f"{why}Google can't change a disk's type: the data of {listed(who)} would be deleted",
            f"Take it back, or {way}",
        )
    return found
