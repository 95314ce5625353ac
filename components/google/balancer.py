"""Load balancers of Services, as their firewall rules tell of them.

Of all that the cloud controller manager makes, firewall rules alone say whose they are: they aim at a cluster's own network
tag. Each is called `k8s-…` (`MakeFirewallName`, `MakeHealthCheckFirewallName`), and of a Service its description is
`{"kubernetes.io/service-name":"default/web", "kubernetes.io/service-ip":"…"}` (`makeFirewallDescription`; all in
k8s.io/cloud-provider-gcp/providers v0.28.2, gce/gce_loadbalancer_naming.go).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PREFIX = "k8s-"
_SERVICE = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True, order=True)
class Balancer:
    """`service` is `namespace/name`; empty where the rule is for health checks. `rule` is the firewall rule's name."""

    service: str
    rule: str

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> Balancer:
        try:
            said = json.loads(rule.get("description") or "{}")
        except ValueError:
            said = {}
        return cls(str(said.get(_SERVICE) or "") if isinstance(said, dict) else "", str(rule["name"]))


def aimed_at(firewalls: Iterable[Mapping[str, Any]], tag: str) -> list[Balancer]:
    """Returns those whose rules aim at `tag`, the network tag of a cluster's workers."""
    return sorted(
        Balancer.of(each)
        for each in firewalls
        if str(each["name"]).startswith(PREFIX) and tag in (each.get("targetTags") or ())
    )


def names(found: Sequence[Balancer]) -> list[str]:
    """Returns what they are called for people: by their Services, or where none is told of, by firewall rules."""
    return sorted({each.service for each in found} - {""}) or [each.rule for each in found]
