"""Reads what stands out of the resources of a stack's state.

Recorded resources and not the config of the last update: one that was cut off half-way has changed some of them and not
others, and wrote no outputs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from components.config import BESIDE, NONE, ONLY
from components.google.moments import moment
from components.resource_names import MARK
from components.standing.facts import KnownDisk, KnownMaster, KnownRecord, Standing
from components.standing.recorded_pools import known_pools
from node.contract import metadata as attributes

INSTANCE = "gcp:compute/instance:Instance"
DISK = "gcp:compute/disk:Disk"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
ENDPOINT = "ha-masters:index:ApiEndpoint"
USERS = "ha-masters:index:ApiUsers"
ADDONS = "ha-masters:index:ClusterAddons"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
ADDRESS = "gcp:compute/address:Address"
RULE = "gcp:compute/forwardingRule:ForwardingRule"
BUCKET = "gcp:storage/bucket:Bucket"
FIREWALL = "gcp:compute/firewall:Firewall"
RECORD = "gcp:dns/recordSet:RecordSet"
SCHEDULE = "gcp:compute/resourcePolicy:ResourcePolicy"
READY = "ha-masters:ReplicaReady"
SETTLED = "ha-masters:PoolsSettled"
MEMBERSHIP = "ha-masters:EtcdMembership"
POOL = "ha-masters:index:NodePool"
TEMPLATE = "gcp:compute/regionInstanceTemplate:RegionInstanceTemplate"
GROUP = "gcp:compute/instanceGroupManager:InstanceGroupManager"
REQUEST = "tls:index/certRequest:CertRequest"
CERTIFICATE = "tls:index/locallySignedCert:LocallySignedCert"

RULES = ("api-rule", "api-internal-rule")
_MODES = {(False, False): None, (True, False): NONE, (True, True): BESIDE, (False, True): ONLY}

OWN_ADDRESSES = 3
"""At the end of an API server's certificate: the cluster's, the machine's and the service's own."""

Outputs = Mapping[str, Any]


def standing_of(resources: Mapping[str, Any]) -> Standing:
    """Reads a state's resources, which come as URN to `{"type", "outputs"}`."""
    found = {
        urn: (str(each.get("type")), each.get("outputs") or {}, urn.rsplit("::", 1)[-1])
        for urn, each in resources.items()
    }

    def of(type_: str, name: str = "") -> Iterator[tuple[str, Outputs]]:
        return (
            (logical, outputs)
            for type__, outputs, logical in found.values()
            if type__ == type_ and name in ("", logical)
        )

    def rule(key: str) -> Any:
        """Of the public rule, or else of the internal one."""
        return next((outputs.get(key) for name in RULES for _, outputs in of(RULE, name)), None)

    public, inside = (any(of(RULE, name)) for name in RULES)
    internal = next((str(each.get("address") or "") for _, each in of(ADDRESS, "api-internal-address")), "")
    nat = {f"{outputs.get('address')}/32" for _, outputs in of(ADDRESS, "network-nat-address")}
    ready = {
        outputs.get("replica"): outputs.get("configHash")
        for type_, outputs, _ in found.values()
        if READY in type_
    }
    settled = "".join(
        str(outputs.get("pools") or "") for type_, outputs, _ in found.values() if SETTLED in type_
    )
    requests = [outputs for name, outputs in of(REQUEST) if name.endswith("-apiserver-csr")]
    # An address that was reserved before isn't the stack's; its rule always is.
    regional = (
        each
        for type_, name in (
            (ADDRESS, "api-address"),
            (ADDRESS, "api-internal-address"),
            *((RULE, name) for name in RULES),
        )
        for each in of(type_, name)
    )
    addons = next((outputs for _, outputs in of(ADDONS)), {})
    own = addons.get("addons") or {}
    masters = (_master(outputs, ready) for _, outputs in of(INSTANCE))
    return Standing(
        masters=tuple(sorted((each for each in masters if each), key=lambda each: each.identity)),
        disks={
            name.removesuffix("-data"): KnownDisk(
                _last(outputs.get("type")),
                int(outputs.get("size") or 0),
                bool(outputs.get("createSnapshotBeforeDestroy")),
                str(outputs.get("createSnapshotBeforeDestroyPrefix") or outputs.get("name") or ""),
            )
            for name, outputs in of(DISK)
            if name.endswith("-data")
        },
        region=next((_last(outputs.get("region")) for _, outputs in regional), ""),
        subnet_range=next((outputs.get("ipCidrRange") for _, outputs in of(SUBNETWORK)), None),
        rule_port=_port(rule("portRange") or next(iter(rule("ports") or ()), None)),
        balanced=next((bool(outputs.get("backendService")) for _, outputs in of(RULE, "api-rule")), None),
        internal=_MODES[public, inside],
        internal_address=internal,
        bucket=any(of(BUCKET)),
        address_name=next((outputs.get("addressName") for _, outputs in of(ENDPOINT)), None),
        address_protected=next((outputs.get("protectAddress") for _, outputs in of(ENDPOINT)), None),
        sources=next(
            (
                frozenset(outputs.get("sourceRanges") or ()) - nat
                for _, outputs in of(FIREWALL, "api-clients")
            ),
            None,
        ),
        dns_names=_dns_names(requests),
        extra_names=_extra_names(requests, internal),
        users=next((dict(outputs.get("roles") or {}) for _, outputs in of(USERS)), None),
        record=next((_record(outputs) for _, outputs in of(RECORD, "api-dns")), None),
        retention_days=next((_retention(outputs) for _, outputs in of(SCHEDULE, "etcd-snapshots")), None),
        renewals={name: when for name, outputs in of(CERTIFICATE) if (when := _renewal(outputs))},
        pools=known_pools(dict(of(POOL)), dict(of(GROUP)), dict(of(TEMPLATE)), settled),
        templates={
            name.removeprefix("pool-").removesuffix("-template"): str(outputs.get("name") or "")
            for name, outputs in of(TEMPLATE)
        },
        metrics_server=any(of(FIREWALL, "workers-metrics")),
        addons=tuple(sorted(own)),
        addon_objects=frozenset(str(each) for told in own.values() for each in told.get("objects") or ()),
        definitions={name: _defines(outputs) for name, outputs in of(DEFINITION)},
        addons_digest=str(addons.get("digest") or ""),
        formed=any(MEMBERSHIP in type_ and name == "etcd-joined" for type_, _, name in found.values()),
    )


def _defines(outputs: Outputs) -> tuple[str, str]:
    """Returns group and kind."""
    spec = outputs.get("spec") or {}
    return str(spec.get("group")), str((spec.get("names") or {}).get("kind"))


def _master(outputs: Outputs, ready: Mapping[Any, Any]) -> KnownMaster | None:
    metadata = outputs.get("metadata") or {}
    identity = metadata.get(attributes.REPLICA)
    if not identity:
        return None
    boot = ((outputs.get("bootDisk") or {}).get("initializeParams")) or {}
    [interface, *_] = outputs.get("networkInterfaces") or [{}]
    aliases = interface.get("aliasIpRanges") or [{}]
    image = str(boot.get("image") or "")
    return KnownMaster(
        identity=identity,
        zone=_last(outputs.get("zone")),
        cluster=metadata.get(attributes.CLUSTER_NAME, ""),
        project=outputs.get("project") or "",
        machine_type=_last(outputs.get("machineType")),
        image=image[image.find("projects/") :] if "projects/" in image else "",
        boot_disk_type=_last(boot.get("type")),
        boot_disk_gb=int(boot.get("size") or 0),
        address=interface.get("networkIp") or "",
        public=bool(interface.get("accessConfigs")) if interface else None,
        network=_last(interface.get("network")),
        subnetwork=_last(interface.get("subnetwork")),
        pod_range_name=aliases[0].get("subnetworkRangeName") or "",
        labels=(
            {key: value for key, value in (outputs["labels"] or {}).items() if key != MARK}
            if "labels" in outputs
            else None
        ),
        settings=told(metadata),
        api_server=told(metadata, attributes.API_SERVER),
        authorities=told(metadata, attributes.AUTHORITIES),
        cloud_controller=told(metadata, attributes.CLOUD_CONTROLLER),
        settled=ready.get(identity, metadata.get(attributes.CONFIG_HASH))
        == metadata.get(attributes.CONFIG_HASH),
        agent=metadata.get(attributes.AGENT_SHA256, ""),
        startup_script=metadata.get(attributes.STARTUP_SCRIPT, ""),
    )


def _dns_names(requests: Sequence[Outputs]) -> tuple[str, ...] | None:
    """Returns the API's own name, as its servers' certificates have it behind Kubernetes' own. None: no certificate."""
    names = {name for each in requests for name in _around(each)[1]}
    return tuple(sorted(names)) if requests else None


def _extra_names(requests: Sequence[Outputs], internal: str) -> tuple[str, ...] | None:
    """Returns the operator's other names and addresses, which stand first in them (components/replica_leaves.py), addresses
    before an `internal` one of the API that isn't its only one.
    """
    names = {name for each in requests for name in _around(each)[0]}
    addresses = {name for each in requests for name in (each.get("ipAddresses") or ())[:-OWN_ADDRESSES]}
    return tuple(sorted(names | addresses - {internal})) if requests else None


def _around(request: Outputs) -> tuple[Sequence[str], Sequence[str]]:
    """Returns the DNS names before Kubernetes' own, and those behind them."""
    names = list(request.get("dnsNames") or ())
    own = [
        index
        for index, name in enumerate(names)
        if name == "kubernetes" or name.startswith("kubernetes.default")
    ]
    return (names[: own[0]], names[own[-1] + 1 :]) if own else ((), names)


def _record(outputs: Outputs) -> KnownRecord:
    return KnownRecord(
        str(outputs.get("name") or "").rstrip("."),
        _last(outputs.get("managedZone")),
        int(outputs.get("ttl") or 0),
    )


def _retention(outputs: Outputs) -> int | None:
    policy = (outputs.get("snapshotSchedulePolicy") or {}).get("retentionPolicy") or {}
    days = policy.get("maxRetentionDays")
    return None if days is None else int(days)


def _renewal(outputs: Outputs) -> datetime | None:
    end = outputs.get("validityEndTime")
    if not isinstance(end, str) or not end:
        return None
    early = timedelta(hours=int(outputs.get("earlyRenewalHours") or 0))
    return moment(end) - early


def told(metadata: Mapping[str, str], attribute: str = attributes.MACHINE_CONFIG) -> Mapping[str, Any]:
    """Returns a machine's settings; empty where there are none, or another release wrote something else."""
    text = metadata.get(attribute)
    try:
        value = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _port(text: object) -> int | None:
    """Returns 443 for `443-443`."""
    first = str(text or "").partition("-")[0]
    return int(first) if first.isdigit() else None


def _last(reference: object) -> str:
    return str(reference or "").rsplit("/", 1)[-1]
