"""The network of the masters, their pods and the services."""

from collections.abc import Collection

from components.config import names, values
from components.config.errors import Refused
from components.config.ranges import overlaps, private
from components.config.section import Section
from components.config.spec import NetworkSpec

SUBNET_RANGE = "10.0.0.0/20"
POD_RANGE = "10.64.0.0/14"
SERVICE_RANGE = "10.68.0.0/20"
"""The defaults keep clear of 10.128.0.0/9, which Google's auto-mode networks use, so that peering stays
possible.
"""

POD_RANGE_NAME = "pods"

_RANGES = {
    "subnetRange": (SUBNET_RANGE, private(8, 26, "machines are replaced by adding the new one first")),
    "podRange": (POD_RANGE, private(8, 20, "each machine takes a /24 of it")),
    "serviceRange": (SERVICE_RANGE, private(12, 24, "every Service takes an address")),
}


def read_network(section: Section, pod_range_names: Collection[str] = ()) -> NetworkSpec:
    """`pod_range_names` are those that masters have their pods' addresses from already: they stay as they are."""
    network = section.read("network", _name, None)
    subnetwork = section.read("subnetwork", _name, None)
    ranges = {key: section.read(key, reader, default) for key, (default, reader) in _RANGES.items()}
    pod_range_name = section.read(
        "podRangeName", lambda value: names.label(values.text(value)), POD_RANGE_NAME
    )
    if network or subnetwork:
        _check_existing(section, network, subnetwork)
    elif not {"network", "subnetwork"} & section.values.keys() and pod_range_name not in {
        POD_RANGE_NAME,
        *pod_range_names,
    }:
        section.refuse(
            "podRangeName",
            Refused(
                "is a range of an existing subnetwork, and none is named",
                "Name network and subnetwork too, or remove it",
            ),
        )
    for later, earlier in overlaps({key: block for key, block in ranges.items() if section.ok(key)}):
        # One of the two was given: the defaults don't overlap.
        where, other = (later, earlier) if later in section.values else (earlier, later)
        section.refuse(
            where,
            Refused(
                f"overlaps {other}, {ranges[other]}",
                "Choose ranges that share no address: machines, pods and services are routed in one network",
            ),
        )
    return NetworkSpec(
        network=network,
        subnetwork=subnetwork,
        subnet_range=ranges["subnetRange"],
        pod_range=ranges["podRange"],
        service_range=ranges["serviceRange"],
        pod_range_name=pod_range_name,
    )


def _check_existing(section: Section, network: str | None, subnetwork: str | None) -> None:
    """An existing subnetwork has its ranges already: guessing them would open the wrong firewall. Nor is a VPC made beside
    one that is named.
    """
    its = f"{subnetwork or 'the subnetwork'}'s"
    if "network" not in section.values:
        section.refuse("network", Refused("is missing", f"Name the network that {subnetwork} belongs to"))
    if "subnetwork" not in section.values:
        remedy = f"Name the one of {network} that masters shall be in, or remove network: the stack then makes both"
        section.refuse("subnetwork", Refused("is missing", remedy))
    for key, what in {
        "subnetRange": "primary range",
        "podRange": "secondary range for pods",
        "podRangeName": "secondary range for pods, by its name",
    }.items():
        if key not in section.values:
            section.refuse(key, Refused("is missing", f"Set it to {its} {what}"))


def _name(value: object) -> str | None:
    given = values.text(value)
    if "/" in given:
        raise Refused("is a path", "Write the short name; networks of other projects are not supported")
    return names.label(given)
