"""The network of the masters, their pods and the services."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from components.config import names, values
from components.config.errors import Refused
from components.config.ranges import overlaps, private
from components.config.section import Section
from components.config.setting import setting

SUBNET_RANGE = "10.0.0.0/20"
POD_RANGE = "10.64.0.0/14"
SERVICE_RANGE = "10.68.0.0/20"
"""The defaults keep clear of 10.128.0.0/9, which Google's auto-mode networks use, so that peering stays
possible.
"""

POD_RANGE_NAME = "pods"


def _name(value: object) -> str | None:
    given = values.text(value)
    if "/" in given:
        raise Refused(
            "is a path",
            "Write the short name of one in gcp:project. A network of another project (shared VPC) can't be used: the "
            "stack's firewall rules would have to be made there",
        )
    return names.label(given)


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """The section `network`: where the masters live.

    `network` and `subnetwork` name existing ones; None means that the stack makes its own. In an existing
    subnetwork the ranges are those it has, and `pod_range_name` names its secondary range for pods.
    """

    network: str | None = setting("network", _name, None)
    subnetwork: str | None = setting("subnetwork", _name, None)
    subnet_range: str = setting(
        "subnetRange", private(8, 26, "machines are replaced by adding the new one first"), SUBNET_RANGE
    )
    pod_range: str = setting("podRange", private(8, 20, "each machine takes a /24 of it"), POD_RANGE)
    pod_range_name: str = setting("podRangeName", values.label, POD_RANGE_NAME)
    service_range: str = setting(
        "serviceRange", private(12, 24, "every Service takes an address"), SERVICE_RANGE
    )


def read_network(section: Section, pod_range_names: Collection[str] = ()) -> NetworkSpec:
    """Reads and checks the section. `pod_range_names` are those that masters have their pods' addresses from already:
    they stay as they are.
    """
    spec = section.fill(NetworkSpec)
    if spec.network or spec.subnetwork:
        _check_existing(section, spec)
    elif not {"network", "subnetwork"} & section.values.keys() and spec.pod_range_name not in {
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
    ranges = {
        "subnetRange": spec.subnet_range,
        "podRange": spec.pod_range,
        "serviceRange": spec.service_range,
    }
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
    return spec


def _check_existing(section: Section, spec: NetworkSpec) -> None:
    """An existing subnetwork has its ranges already: guessing them would open the wrong firewall. Nor is a VPC made beside
    one that is named.
    """
    network, subnetwork = spec.network, spec.subnetwork
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
