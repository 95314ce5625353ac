"""Whether anything is left of load balancers that masters made for Services."""

from __future__ import annotations

from collections.abc import Sequence

from components.gates.cluster_status import OPEN, Verdict
from components.google.balancer import Balancer, names
from components.wording import listed


def services_leave(balancers: Sequence[Balancer]) -> Verdict:
    """Opens when none is there."""
    if not balancers:
        return OPEN
    return Verdict(
        False,
        f"load balancers of Services ({listed(names(balancers))}) stand in the project, and nobody would take them away. "
        "Delete these Services, or make them ClusterIP, and wait until they are gone; where no master answers any more: "
        "docs/guides/load-balancers.md",
    )
