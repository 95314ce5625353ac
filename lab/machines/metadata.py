"""What the metadata server tells a VM: a document made from the store. Names and forms as Google's computeMetadata/v1.

https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.network.links import hardware
from lab.network.topology import Topology
from lab.simulator.context import Lab, project_number

Document = dict[str, Any]

TOKEN_SECONDS = 3599


def document(
    lab: Lab, topology: Topology, instance: Mapping[str, Any], attributes: Mapping[str, str]
) -> Document:
    """The whole tree, `instance` and `project`. `attributes` are the lab's own, under the VM's."""
    number = project_number(lab.project)
    zone = str(instance["zone"]).rpartition("/")[2]
    own = {item["key"]: item["value"] for item in instance["metadata"].get("items", [])}
    return {
        "instance": {
            "attributes": {**attributes, **own},
            "cpuPlatform": instance.get("cpuPlatform", ""),
            "description": instance.get("description", ""),
            "disks": [_disk(index, disk) for index, disk in enumerate(instance["disks"])],
            "hostname": f"{instance['name']}.{zone}.c.{lab.project}.internal",
            "id": int(instance["id"]),
            "image": "",
            "machineType": f"projects/{number}/machineTypes/{instance['machineType'].rpartition('/')[2]}",
            "maintenanceEvent": "NONE",
            "name": instance["name"],
            "networkInterfaces": [
                _interface(topology, instance, nic) for nic in instance["networkInterfaces"]
            ],
            "preempted": "FALSE",
            "scheduling": {
                "automaticRestart": "TRUE",
                "onHostMaintenance": "MIGRATE",
                "preemptible": "FALSE",
            },
            "serviceAccounts": _accounts(instance),
            "tags": sorted(instance["tags"].get("items", [])),
            "virtualClock": {"driftToken": "0"},
            "zone": f"projects/{number}/zones/{zone}",
        },
        "oslogin": {"authenticate": {"sessions": {}}},
        "project": {
            "attributes": {"enable-oslogin": "FALSE"},
            "numericProjectId": int(number),
            "projectId": lab.project,
        },
    }


def token(instance: Mapping[str, Any]) -> Document:
    """The service account's token, as `lab.simulator.permissions` reads it. Raises LookupError for a VM without one."""
    accounts = instance.get("serviceAccounts") or []
    if not accounts:
        raise LookupError("the VM has no service account")
    return {
        "access_token": f"lab-serviceAccount:{accounts[0]['email']}",
        "expires_in": TOKEN_SECONDS,
        "token_type": "Bearer",
    }


def _accounts(instance: Mapping[str, Any]) -> Document:
    found: Document = {}
    for account in instance.get("serviceAccounts") or []:
        shown = {"aliases": ["default"], "email": account["email"], "scopes": account.get("scopes", [])}
        found |= {"default": shown, account["email"]: shown}
    return found


def _disk(index: int, disk: Mapping[str, Any]) -> Document:
    return {
        "deviceName": disk.get("deviceName", ""),
        "index": index,
        "interface": disk.get("interface", "SCSI"),
        "mode": disk.get("mode", "READ_WRITE"),
        "type": "PERSISTENT-BALANCED",
    }


def _interface(topology: Topology, instance: Mapping[str, Any], nic: Mapping[str, Any]) -> Document:
    machine = topology.by_id.get(str(instance["id"]))
    behind = [rule for rule in topology.rules if str(instance["id"]) in rule.members]
    external = next((c["natIP"] for c in nic.get("accessConfigs", []) if c.get("natIP")), "")
    return {
        "accessConfigs": [{"externalIp": external, "type": "ONE_TO_ONE_NAT"}] if external else [],
        "dnsServers": ["169.254.169.254"],
        "forwardedIps": sorted({r.address for r in behind if "/targetInstances/" not in r.target}),
        "gateway": machine.gateway if machine else "",
        "ip": nic["networkIP"],
        "ipAliases": [alias["ipCidrRange"] for alias in nic.get("aliasIpRanges", [])],
        "mac": hardware(nic["networkIP"]),
        "mtu": 1460,
        "network": nic["network"].partition("/compute/v1/")[2],
        "subnetmask": "255.255.255.255",
        "targetInstanceIps": sorted({r.address for r in behind if "/targetInstances/" in r.target}),
    }
