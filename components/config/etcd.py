"""etcd's members: versions, disks, backups, and what to restore from."""

from __future__ import annotations

from typing import cast

from components.config import families, values, versions
from components.config.backup import BackupSpec
from components.config.errors import Refused
from components.config.section import Section
from components.config.spec import DataDiskProtection, EtcdSpec
from node.contract.fields import FormatError, check_hex
from node.contract.restore import Source

GIB = 2**30
DATA_DISK_DEFAULT_GB = 20
QUOTA_BYTES = 4 * GIB
"""kube-up's: twice etcd's own default, half of what etcd advises at most."""

DATA_DISK_GB = values.whole(10, 65_536, "GB")


def read_etcd(section: Section) -> EtcdSpec:
    backup = section.section("backup", "etcd.backup")
    disk_types = values.one_of(*families.DATA_DISKS, why="etcd waits for the disk on each write")
    protections = values.one_of("snapshot", "protect", "none")
    spec = EtcdSpec(
        version=section.read("version", versions.etcd, versions.ETCD_DEFAULT),
        data_disk_type=section.read("dataDiskType", disk_types, None),
        data_disk_size_gb=section.read("dataDiskSizeGb", DATA_DISK_GB, DATA_DISK_DEFAULT_GB),
        quota_bytes=section.read(
            "quotaBytes", values.whole(GIB // 4, 8 * GIB, "bytes, as etcd advises"), QUOTA_BYTES
        ),
        backup=backup.fill(BackupSpec),
        data_disk_protection=cast(
            DataDiskProtection, section.read("dataDiskProtection", protections, "snapshot")
        ),
        restore=section.read("restoreFrom", _snapshot, "") or section.read("survivor", _survivor, ""),
        restore_over=section.read("restoreOverQuorum", _cluster_id, ""),
    )
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
    """Whether a data disk holds what etcd keeps on it; else `Refused`."""
    if data_disk_size_gb * GIB < 3 * quota_bytes:
        raise Refused(
            f"leaves {data_disk_size_gb} GB of disk for a database of {quota_bytes / GIB:.3g} GiB",
            "Make the disk three times quotaBytes: etcd keeps a log, snapshots, and a copy to defragment",
        )


def _source(given: str) -> Source:
    """Of a request's id; of neither kind where it is none."""
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
