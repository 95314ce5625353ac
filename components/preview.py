"""The plan for people that a preview begins with: what changes for the cluster, before what changes in Google."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.config import StackConfig
from components.state import KnownMaster
from components.transition import ReplicaSummary, describe


def announce(before: Sequence[KnownMaster], config: StackConfig) -> None:
    """Tells, in previews only, how the masters, etcd's tolerance, the load balancer and the address will change."""
    if pulumi.runtime.is_dry_run():
        summaries = [ReplicaSummary(master.name, master.zone) for master in before]
        pulumi.log.info(describe(summaries or None, config))
