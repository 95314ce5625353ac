"""What a cluster has for life: its names, its place, its ranges, its port."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from components.config import ONLY, StackConfig
from components.edits.findings import NOTHING, Findings, note, refuse
from components.standing.facts import Standing

ANOTHER_STACK = "A cluster that has it is another stack, beside this one"


def names_and_place(standing: Standing, config: StackConfig) -> Findings:
    """Everything is named after the cluster and lies in the region: other ones would create all of it again."""
    clusters = {master.cluster for master in standing.masters} - {""}
    projects = {master.project for master in standing.masters} - {""}
    found = NOTHING
    if clusters and config.cluster_name not in clusters:
        found += refuse(
            "clusterName",
            _only(sorted(clusters)),
            config.cluster_name,
            "Every machine, disk, address and certificate bears it, and all of them would be deleted",
            f"Take it back. {ANOTHER_STACK}",
        )
    if projects and config.project not in projects:
        found += refuse(
            "gcp:project",
            _only(sorted(projects)),
            config.project,
            "Nothing of a cluster moves to another project",
            f"Take it back. {ANOTHER_STACK}",
        )
    if standing.region and config.region != standing.region:
        found += refuse(
            "gcp:region",
            standing.region,
            config.region,
            "The API's address belongs to its region, and kubeconfigs, kubelets and certificates name it",
            f"Take it back. {ANOTHER_STACK}",
        )
    return found


def network(standing: Standing, config: StackConfig) -> Findings:
    """Addresses of machines, pods and services are in certificates, in etcd and on every node."""
    if not standing.masters:
        return NOTHING
    spec = config.network
    found = _home(standing, config)
    found += _subnet_range(standing, config)
    for key, ranges, wanted, why in (
        (
            "network.podRange",
            standing.settings("podRange"),
            spec.pod_range,
            "Pods on every node have addresses of it",
        ),
        (
            "network.podRangeName",
            tuple(sorted({each.pod_range_name for each in standing.masters} - {""})),
            spec.pod_range_name,
            "Every machine takes its pods' addresses from it",
        ),
        (
            "network.serviceRange",
            standing.settings("serviceRange"),
            spec.service_range,
            "Every Service has an address of it, and the API's own is in the certificates",
        ),
    ):
        if ranges and wanted not in ranges:
            found += refuse(key, _only(ranges), wanted, why, f"Take it back. {ANOTHER_STACK}")
    return found


def _home(standing: Standing, config: StackConfig) -> Findings:
    """Network and subnetwork; those that the stack makes for itself are named after the cluster."""
    spec, own = config.network, standing.subnet_range is not None
    existing = bool(spec.network and spec.subnetwork)
    asked = f"{spec.network}/{spec.subnetwork}" if existing else None
    homes = sorted({f"{each.network}/{each.subnetwork}" for each in standing.masters if each.network})
    if not homes or (own and not existing) or (not own and asked in homes):
        return NOTHING
    same = spec.network in {home.partition("/")[0] for home in homes}
    return refuse(
        "network.subnetwork" if existing and same else "network.network",
        _only(homes),
        asked,
        "A machine can't move to another network with its address, by which etcd's members know each other",
        f"Take it back. {ANOTHER_STACK}",
    )


def _subnet_range(standing: Standing, config: StackConfig) -> Findings:
    former, value = standing.subnet_range, config.network.subnet_range
    key = "network.subnetRange"
    wanted = ip_network(value)
    if former is None:
        outside = [
            each.address
            for each in standing.masters
            if each.address and ip_address(each.address) not in wanted
        ]
        if outside:
            return refuse(
                key,
                tuple(outside),
                value,
                "These masters have their addresses outside of it",
                "Write the range that the subnetwork has",
            )
        return NOTHING
    if former == value or (config.network.network and config.network.subnetwork):
        return NOTHING
    if ip_network(former).subnet_of(wanted):  # type: ignore[arg-type]
        return note(key, former, value, "Google widens the subnet in place; it can't be narrowed again")
    wider = ip_network(former).supernet()
    return refuse(
        key,
        former,
        value,
        "Google only widens a subnet in place: with another range, all masters and their addresses would be deleted",
        f"Take it back, or write a range that contains {former}, such as {wider}",
    )


def port(standing: Standing, config: StackConfig) -> Findings:
    """An API server listens on one port. Firewall and health check would move at once, the masters one by one, the
    rule last: nobody would be served until the last of them.
    """
    ports = {int(each) for each in (*standing.settings("apiPort"), standing.rule_port) if each}
    if not ports or config.api.port in ports:
        return NOTHING
    return refuse(
        "api.port",
        _only(sorted(ports)),
        config.api.port,
        "Every kubeconfig, kubelet and webhook names it, and an API server listens on one port: until the last master "
        "and the forwarding rule had changed, nobody would be served",
        f"Take it back. {ANOTHER_STACK}",
    )


def address(standing: Standing, config: StackConfig) -> Findings:
    """The stack's own address, or one that was reserved before it; known once a forwarding rule holds it."""
    if standing.rule_port is None or config.api.address == standing.address_name:
        return NOTHING
    if ONLY in (
        standing.internal,
        config.api.internal,
    ):  # There was no public address, or there will be none.
        return NOTHING
    return refuse(
        "api.address",
        standing.address_name,
        config.api.address,
        "The API's address never changes: kubeconfigs, kubelets and certificates name it",
        f"Take it back. {ANOTHER_STACK}",
    )


def _only(values: Sequence[object]) -> object:
    return values[0] if len(values) == 1 else tuple(values)
