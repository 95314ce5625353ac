"""What a modelled machine knows of itself: its instance as the API shows it, read into typed values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from lab.simulator.store import Store
from node.contract import metadata as attributes
from node.contract.authorities import Authorities
from node.contract.fields import FormatError

Doc = dict[str, Any]


class InstanceError(Exception):
    """The VM can't do its work, for a reason that its status shows."""


@dataclass(frozen=True)
class Instance:
    """`key` is the instance's path; `disk` the id of its data disk, which is the one attached that isn't the boot disk."""

    key: str
    name: str
    instance_id: str
    replica: str
    bucket: str
    cluster: str
    secret: str
    config_hash: str
    address: str
    account: str
    disk: str
    quota_bytes: int = 0
    authorities: Authorities = field(default_factory=Authorities)
    kubernetes_version: str = ""
    etcd_version: str = ""

    @classmethod
    def of(cls, store: Store, key: str, instance: Doc) -> Instance | None:
        """Returns None for a VM that is no master: its metadata has no `replica` or no `bucket`."""
        items = {item["key"]: item.get("value", "") for item in instance.get("metadata", {}).get("items", [])}
        if not items.get(attributes.REPLICA) or not items.get(attributes.BUCKET):
            return None
        accounts = instance.get("serviceAccounts") or [{}]
        told = _told(items.get(attributes.MACHINE_CONFIG, ""))
        return cls(
            key=key,
            name=instance["name"],
            instance_id=str(instance["id"]),
            replica=items[attributes.REPLICA],
            bucket=items[attributes.BUCKET],
            cluster=items.get(attributes.CLUSTER_NAME, ""),
            secret=items.get(attributes.SECRET, ""),
            config_hash=items.get(attributes.CONFIG_HASH, ""),
            address=instance["networkInterfaces"][0].get("networkIP", ""),
            account=accounts[0].get("email", ""),
            disk=_data_disk(store, instance),
            authorities=_authorities(items.get(attributes.AUTHORITIES, "")),
            quota_bytes=int(told.get("etcdQuotaBytes", 0)),
            kubernetes_version=str(told.get("kubernetesVersion", "")),
            etcd_version=str(told.get("etcdVersion", "")),
        )


def _authorities(text: str) -> Authorities:
    try:
        return Authorities.parse(text)
    except FormatError:
        return Authorities()


def _told(machine_config: str) -> Doc:
    """Settings by name; none where they can't be read."""
    try:
        told = json.loads(machine_config)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _data_disk(store: Store, instance: Doc) -> str:
    for entry in instance.get("disks", []):
        if not entry.get("boot"):
            path = entry["source"].partition("/compute/v1/")[2]
            disk = store.get("disks", path)
            return str(disk["id"]) if disk else ""
    return ""
