"""Who can reach etcd and the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import Any

from pulumi_policy import ReportViolation, ResourceValidationArgs

from policies.resource_inputs import API_ENDPOINT, FIREWALL, listed
from policies.rule import ADVISORY, on

ETCD_PORTS = range(2379, 2381)
MASTER_TAG_END = "-master"
"""How the tags of masters end: `<cluster>-master`."""


def _opens_etcd(allows: Iterable[Mapping[str, Any]]) -> bool:
    return any(
        allow.get("protocol") in ("all", "tcp", "6")
        and (not allow.get("ports") or any(_meets(ports) for ports in allow["ports"]))
        for allow in allows
    )


def _meets(ports: str) -> bool:
    """Returns whether ports as Google writes them (`443`, `2379-2380`) are etcd's, in part."""
    first, _, last = str(ports).partition("-")
    return int(first) < ETCD_PORTS.stop and int(last or first) >= ETCD_PORTS.start


@on(
    FIREWALL,
    name="etcd-closed",
    says="etcd's ports are open between masters only.",
)
def etcd_closed(args: ResourceValidationArgs, report: ReportViolation) -> None:
    rule = args.props
    if rule.get("direction") == "EGRESS" or rule.get("disabled"):
        return
    targets = list(rule.get("targetTags") or ())
    for_masters = not targets or any(tag.endswith(MASTER_TAG_END) for tag in targets)
    if not for_masters or not _opens_etcd(rule.get("allows") or ()):
        return
    others = [
        *(rule.get("sourceRanges") or ()),
        *(tag for tag in rule.get("sourceTags") or () if tag not in targets),
    ]
    if others or not rule.get("sourceTags"):
        report(
            f"{args.name} opens etcd's ports, 2379 and 2380, to {listed(others) if others else 'everyone'}. Who speaks to "
            "etcd reads and writes every secret of the cluster, past the API's permissions. Allow them from the masters' "
            "own tag only, and leave them out of rules for others.",
            None,
        )


@on(
    API_ENDPOINT,
    name="api-open",
    says="The API is not open to the world.",
    level=ADVISORY,
    config={"shortestPrefix": {"type": "integer", "minimum": 0, "maximum": 32, "default": 8}},
)
def api_open(args: ResourceValidationArgs, report: ReportViolation) -> None:
    shortest = int(args.get_config().get("shortestPrefix", 8))
    wide = [
        block
        for block in args.props.get("authorizedNetworks") or ()
        if ip_network(block).prefixlen < shortest
    ]
    if wide:
        report(
            f"The API is open to {listed(wide)}. Its own authentication then stands alone against the world, and so does "
            "any hole in it. Name your networks in api.authorizedNetworks, or reach it through a VPN.",
            None,
        )
