"""etcd's members: versions, disks, backups, and what to restore from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from components.config import families, values, versions
from components.config.backup import BackupSpec
from components.config.errors import Refused
from components.config.section import Section
from components.config.setting import section, setting
from node.contract.fields import FormatError, check_hex
from node.contract.restore import Source

GIB = 2**30
QUOTA_BYTES = 4 * GIB
"""kube-up's: twice etcd's own default, half of what etcd advises at most."""

DATA_DISK_GB = values.whole(10, 65_536, "GB")

DataDiskProtection = Literal["snapshot", "protect", "none"]


def _source(given: str) -> Source:
    """Returns what a request's id names; nothing of either kind where it is no id."""
    try:
        return Source.of(given)
    except FormatError:
        return Source()


def _snapshot(value: object) -> str:
    given = values.text(value)
    if _source(given).snapshot:
        return given
    raise Refused(
        "is no snapshot of this cluster's bucket",
        "Name one as it stands there, such as snapshots/2026-01-02T03:04:05Z-4711-m1-b.db",
    )


def _survivor(value: object) -> str:
    given = values.text(value)
    if _source(given).survivor:
        return given
    raise Refused("is no replica's identity", "Write its name and its zone's letter, such as m1-b")


def _cluster_id(value: object) -> str:
    given = values.text(value)
    try:
        check_hex("", given)
    except FormatError:
        raise Refused(
            "is no id of an etcd cluster",
            "Write the id that the refusal names, which says which living cluster is given up",
        ) from None
    return given


def _protection(value: object) -> DataDiskProtection:
    return cast(DataDiskProtection, values.one_of("snapshot", "protect", "none")(value))


@dataclass(frozen=True, slots=True)
class EtcdSpec:
    """The section `etcd`: the members' software and disks. `data_disk_type` is None where it follows the machine of each.

    `data_disk_protection` says what stands between a data disk and its end: `snapshot` has Google take a
    snapshot before the disk is destroyed, `protect` is Pulumi's flag (a shrink then needs `pulumi state
    unprotect` first), `none` is nothing at all.

    `restore_over` is the living cluster that may be given up for a restore.
    """

    version: str = setting("version", versions.etcd, versions.ETCD_DEFAULT)
    data_disk_type: str | None = setting(
        "dataDiskType", values.one_of(*families.DATA_DISKS, why="etcd waits for the disk on each write"), None
    )
    data_disk_size_gb: int = setting("dataDiskSizeGb", DATA_DISK_GB, 20)
    data_disk_protection: DataDiskProtection = setting("dataDiskProtection", _protection, "snapshot")
    quota_bytes: int = setting(
        "quotaBytes", values.whole(GIB // 4, 8 * GIB, "bytes, as etcd advises"), QUOTA_BYTES
    )
    backup: BackupSpec = section("backup", BackupSpec)
    restore_from: str = setting("restoreFrom", _snapshot, "")
    survivor: str = setting("survivor", _survivor, "")
    restore_over: str = setting("restoreOverQuorum", _cluster_id, "")

    @property
    def restore(self) -> str:
        """The id of a request, as `node.contract.restore` has it: a snapshot's name or the identity of the replica whose
        disk is left; empty where none is asked for.
        """
        return self.restore_from or self.survivor


def read_etcd(section: Section) -> EtcdSpec:
    spec = section.fill(EtcdSpec)
    if {"restoreFrom", "survivor"} <= section.values.keys():
        section.refuse(
            "survivor",
            Refused(
                "is asked for beside etcd.restoreFrom", "Restore from one of the two, and remove the other"
            ),
        )
    if "restoreOverQuorum" in section.values and not {"restoreFrom", "survivor"} & section.values.keys():
        section.refuse(
            "restoreOverQuorum",
            Refused(
                "gives a living cluster up for a restore, and none is asked for",
                "Name the snapshot as restoreFrom, or remove it",
            ),
        )
    if section.ok("quotaBytes", "dataDiskSizeGb"):
        try:
            check_room(spec.data_disk_size_gb, spec.quota_bytes)
        except Refused as refused:
            section.refuse("quotaBytes" if "quotaBytes" in section.values else "dataDiskSizeGb", refused)
    return spec


def check_room(data_disk_size_gb: int, quota_bytes: int) -> None:
    """Raises Refused where a data disk is too small for what etcd keeps on it."""
    if data_disk_size_gb * GIB < 3 * quota_bytes:
        raise Refused(
            f"leaves {data_disk_size_gb} GB of disk for a database of {quota_bytes / GIB:.3g} GiB",
            "Make the disk three times quotaBytes: etcd keeps a log, snapshots, and a copy to defragment",
        )
