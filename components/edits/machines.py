"""What a master is: changes of a VM's shape stop or replace it, one master after another."""

from __future__ import annotations

from collections.abc import Sequence

from components.config import MastersSpec, ReplicaSpec, StackConfig, families
from components.edits.findings import NOTHING, Findings, Reach, note, refuse
from components.standing.facts import KnownMaster, Standing

FAMILY = "/family/"


def machines(standing: Standing, config: StackConfig) -> Findings:
    known = {master.identity: master for master in standing.masters}
    staying = [
        (index, replica, known[replica.identity])
        for index, replica in enumerate(config.replicas)
        if replica.identity in known
    ]
    wanted = config.masters
    found, types = NOTHING, dict[tuple[str, str, str], list[str]]()
    for index, replica, master in staying:
        if master.machine_type and master.machine_type != replica.machine_type:
            own = replica.machine_type != wanted.machine_type
            key = f"replicas[{index}].machineType" if own else "masters.machineType"
            types.setdefault((key, master.machine_type, replica.machine_type), []).append(replica.identity)
    for (key, former, value), who in types.items():
        found += note(key, former, value, reach=Reach.RESTARTED, masters=tuple(sorted(who)))
    masters = [master for _, _, master in staying]
    if FAMILY not in wanted.image:  # What a family meant when the machine was made, nobody recorded.
        found += _replaced("masters.image", [(m.identity, m.image) for m in masters if m.image], wanted.image)
    found += _boot_disk_types(staying, wanted)
    found += _boot_disks(
        [(m.name, m.boot_disk_gb) for m in masters if m.boot_disk_gb], wanted.boot_disk_size_gb
    )
    public = [m for m in masters if m.public is not None and m.public != wanted.public_addresses]
    if public:
        says = (
            "Masters get addresses of their own, and Cloud NAT goes; pods on masters have no way out then"
            if wanted.public_addresses
            else "Cloud NAT comes, then the masters' own addresses go"
        )
        found += note("masters.publicAddresses", not wanted.public_addresses, wanted.public_addresses, says)
    labels = {tuple(sorted(m.labels.items())) for m in masters if m.labels is not None}
    if labels and labels != {tuple(sorted(config.labels.items()))}:
        were = tuple(dict(each) for each in sorted(labels))
        found += note("labels", were[0] if len(were) == 1 else were, dict(config.labels))
    return found


def _replaced(key: str, former: Sequence[tuple[str, str | int]], value: object) -> Findings:
    changed = {identity: was for identity, was in former if was != value}
    if not changed:
        return NOTHING
    several = tuple(sorted(set(changed.values()), key=str))
    return note(
        key,
        several[0] if len(several) == 1 else several,
        value,
        reach=Reach.REPLACED,
        masters=tuple(sorted(changed)),
    )


def _boot_disk_types(
    staying: Sequence[tuple[int, ReplicaSpec, KnownMaster]], wanted: MastersSpec
) -> Findings:
    """A boot disk is made with its machine. What the config doesn't name follows the machine, for all masters."""
    changed: dict[tuple[str, str, str], list[str]] = {}
    for index, replica, master in staying:
        former, value = master.boot_disk_type, replica.boot_disk_type
        if former not in ("", value):
            own = value != (wanted.boot_disk_type or families.boot_disk(replica.machine_type))
            key = f"replicas[{index}].bootDiskType" if own else "masters.bootDiskType"
            changed.setdefault((key, former, value), []).append(replica.identity)
    found = NOTHING
    for (key, former, value), who in changed.items():
        found += note(key, former, value, reach=Reach.REPLACED, masters=tuple(sorted(who)))
    return found


def _boot_disks(former: Sequence[tuple[str, int]], size_gb: int) -> Findings:
    """The provider changes a boot disk's size in place, and Google refuses a smaller one half-way through the update."""
    found = NOTHING
    for was in sorted({was for _, was in former if was != size_gb}):
        names = [name for name, each in former if each == was]
        who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        if was < size_gb:
            says = f"Grows in place ({who}), and can't be shrunk again; its filesystem follows at the machine's next start"
            found += note("masters.bootDiskSizeGb", was, size_gb, says)
        else:
            found += refuse(
                "masters.bootDiskSizeGb",
                was,
                size_gb,
                f"Google can't shrink a disk: the update would stop at the first master ({who})",
                f"Keep {was}, or give these replicas other names in the same update: their successors have smaller disks",
            )
    return found
