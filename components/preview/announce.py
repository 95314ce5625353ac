"""Prints the plan for people, with which a preview begins, and warns of what is accepted unchecked or has no effect."""

from __future__ import annotations

import pulumi

from components.config import LeaseSpec, StackConfig, families
from components.edits.findings import Findings
from components.edits.rollout import rollout
from components.preview.transition import describe
from components.prices.bill import told
from components.prices.table import prices
from components.prices.things import of_config, of_standing
from components.standing.facts import Standing
from components.wording import listed


def announce(standing: Standing, config: StackConfig, edits: Findings) -> None:
    """Prints, in previews only, how the masters, etcd's tolerance, the load balancer and the address will change, and what
    the stack costs a month.
    """
    if pulumi.runtime.is_dry_run():
        pulumi.log.info(plan(standing, config, edits))
        before = of_standing(standing) if standing.lives else None
        pulumi.log.info(told(before, of_config(config), prices(config.region), config.cluster_name))
        for warning in warnings(standing, config):
            pulumi.log.warn(warning)


def plan(standing: Standing, config: StackConfig, edits: Findings) -> str:
    told = [str(note) for note in edits.notes]
    return describe(standing.masters or None, config, told, rollout(edits.notes, standing), standing.balanced)


def warnings(standing: Standing, config: StackConfig) -> list[str]:
    """Settings that are accepted and have no effect, and machines of which nothing is known."""
    return [*_without_effect(config), *_unknown_machines(standing, config)]


def _unknown_machines(standing: Standing, config: StackConfig) -> list[str]:
    """Returns a line for each unknown family. Google has new ones each year; one that stands it has made."""
    made = {master.machine_type for master in standing.masters}
    wanted = {each.machine_type: each for each in config.replicas}
    return [
        f"{name} is of a family that this release doesn't know: whether it takes "
        f"{listed(sorted({each.boot_disk_type, each.data_disk_type}))} isn't checked."
        for name, each in sorted(wanted.items())
        if families.disks(name) is None and name not in made
    ]


def _without_effect(config: StackConfig) -> list[str]:
    kubernetes = LeaseSpec()
    if config.lease == kubernetes:
        return []
    return [
        "ha-masters:identity has no effect: no kube-apiserver of 1.34 to 1.37 has a flag for the duration and the "
        f"renewal of its lease, which are {kubernetes.lease_duration_seconds} s and "
        f"{kubernetes.renew_interval_seconds} s. Remove it."
    ]
