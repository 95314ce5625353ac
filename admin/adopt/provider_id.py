"""What Google and the provider call a resource, from the inputs that the program gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components.resource_names import MARK

Inputs = Mapping[str, Any]
Doc = Mapping[str, Any]

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What a preview writes for a value that only an update would tell."""


@dataclass(frozen=True)
class ProviderId:
    """`id` is the provider's; `path`, below the API of `service`, is where it or what holds it is asked for.

    `holds` tells, where one resource keeps another within, whether it does; `agrees` tells of what bears no mark whether
    it is what the program asks for; `machine` names the VM whose mark counts for it, a path.
    """

    id: str
    service: str
    path: str
    holds: Callable[[Doc], bool] | None = None
    agrees: Callable[[Doc], bool] | None = None
    machine: Callable[[Doc], str | None] | None = None


def identify(type_: str, inputs: Inputs, project: str) -> ProviderId | None:
    """Returns None for what may be made twice (policies, objects, keys, gates), and for names that aren't known yet."""
    maker = _MAKERS.get(type_)
    if maker is None:
        return None
    try:
        made = maker(inputs, project)
    except KeyError:
        return None
    return None if UNKNOWN in made.id else made


def marked(doc: Doc) -> str | None:
    """Returns the cluster that a resource names as its own: in its label, a VM in its metadata. None: it names none."""
    items = (doc.get("metadata") or {}).get("items") or ()
    told = next((item["value"] for item in items if item["key"] == "cluster-name"), None)
    return (doc.get("labels") or {}).get(MARK) or told


def _compute(
    scope: str, collection: str, machine: Callable[[Doc], str | None] | None = None
) -> Callable[[Inputs, str], ProviderId]:
    def make(inputs: Inputs, project: str) -> ProviderId:
        place = f"{scope}s/{_last(inputs[scope])}" if scope != "global" else scope
        path = f"projects/{project}/{place}/{collection}/{inputs['name']}"
        return ProviderId(path, "compute", path, machine=machine)

    return make


def _user(doc: Doc) -> str | None:
    """Returns the VM that has an address."""
    return next((path for user in doc.get("users") or () if (path := _machine(user))), None)


def _target(doc: Doc) -> str | None:
    """Returns the VM that a target instance sends to."""
    return _machine(doc.get("instance", ""))


def _machine(link: str) -> str | None:
    start = link.find("projects/")
    return link[start:] if start >= 0 and "/instances/" in link else None


def _nat(inputs: Inputs, project: str) -> ProviderId:
    router = f"projects/{project}/regions/{inputs['region']}/routers/{_last(inputs['router'])}"
    name = inputs["name"]
    return ProviderId(
        f"{router}/{name}",
        "compute",
        router,
        lambda doc: any(nat.get("name") == name for nat in doc.get("nats", [])),
    )


def _disk_policy(inputs: Inputs, project: str) -> ProviderId:
    disk = f"projects/{project}/zones/{inputs['zone']}/disks/{_last(inputs['disk'])}"
    name = inputs["name"]
    return ProviderId(
        f"{disk}/{name}",
        "compute",
        disk,
        lambda doc: any(_last(policy) == name for policy in doc.get("resourcePolicies", [])),
    )


def _membership(inputs: Inputs, project: str) -> ProviderId:
    group = f"projects/{project}/zones/{inputs['zone']}/instanceGroups/{_last(inputs['instanceGroup'])}"
    name = _last(inputs["instance"])
    return ProviderId(
        f"{group}/projects/{project}/zones/{inputs['zone']}/instances/{name}",
        "compute",
        f"{group}/listInstances",
        lambda doc: any(_last(item["instance"]) == name for item in doc.get("items", [])),
    )


def _template(inputs: Inputs, project: str) -> ProviderId:
    path = f"projects/{project}/regions/{_last(inputs['region'])}/instanceTemplates/{inputs['name']}"
    return ProviderId(path, "compute", path)


def _role(inputs: Inputs, project: str) -> ProviderId:
    """A role that was deleted is still there for a week, and making it anew takes it back."""
    path = f"projects/{project}/roles/{inputs['roleId']}"
    return ProviderId(path, "iam", path, holds=lambda doc: not doc.get("deleted"))


def _bucket(inputs: Inputs, _project: str) -> ProviderId:
    return ProviderId(inputs["name"], "storage", f"b/{inputs['name']}")


def _account(inputs: Inputs, project: str) -> ProviderId:
    email = f"{inputs['accountId']}@{project}.iam.gserviceaccount.com"
    path = f"projects/{project}/serviceAccounts/{email}"
    return ProviderId(path, "iam", path)


def _secret(inputs: Inputs, project: str) -> ProviderId:
    path = f"projects/{project}/secrets/{inputs['secretId']}"
    return ProviderId(path, "secret_manager", path)


def _record(inputs: Inputs, project: str) -> ProviderId:
    path = f"projects/{project}/managedZones/{inputs['managedZone']}/rrsets/{inputs['name']}/{inputs['type']}"
    addresses = list(inputs.get("rrdatas") or ())
    # Until the stack has its address, whose a record is can't be told.
    return ProviderId(
        UNKNOWN if UNKNOWN in addresses else path,
        "dns",
        path,
        agrees=lambda doc: list(doc.get("rrdatas") or ()) == addresses,
    )


def _last(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]


_MAKERS: dict[str, Callable[[Inputs, str], ProviderId]] = {
    "gcp:compute/address:Address": _compute("region", "addresses", machine=_user),
    "gcp:compute/disk:Disk": _compute("zone", "disks"),
    "gcp:compute/diskResourcePolicyAttachment:DiskResourcePolicyAttachment": _disk_policy,
    "gcp:compute/firewall:Firewall": _compute("global", "firewalls"),
    "gcp:compute/forwardingRule:ForwardingRule": _compute("region", "forwardingRules"),
    "gcp:compute/instance:Instance": _compute("zone", "instances"),
    "gcp:compute/instanceGroup:InstanceGroup": _compute("zone", "instanceGroups"),
    "gcp:compute/instanceGroupManager:InstanceGroupManager": _compute("zone", "instanceGroupManagers"),
    "gcp:compute/instanceGroupMembership:InstanceGroupMembership": _membership,
    "gcp:compute/network:Network": _compute("global", "networks"),
    "gcp:compute/regionBackendService:RegionBackendService": _compute("region", "backendServices"),
    "gcp:compute/regionHealthCheck:RegionHealthCheck": _compute("region", "healthChecks"),
    "gcp:compute/regionInstanceTemplate:RegionInstanceTemplate": _template,
    "gcp:compute/resourcePolicy:ResourcePolicy": _compute("region", "resourcePolicies"),
    "gcp:compute/router:Router": _compute("region", "routers"),
    "gcp:compute/routerNat:RouterNat": _nat,
    "gcp:compute/subnetwork:Subnetwork": _compute("region", "subnetworks"),
    "gcp:compute/targetInstance:TargetInstance": _compute("zone", "targetInstances", machine=_target),
    "gcp:dns/recordSet:RecordSet": _record,
    "gcp:projects/iAMCustomRole:IAMCustomRole": _role,
    "gcp:secretmanager/secret:Secret": _secret,
    "gcp:serviceaccount/account:Account": _account,
    "gcp:storage/bucket:Bucket": _bucket,
}
