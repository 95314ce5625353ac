"""Prints the plan for people, with which a preview begins, and warns of settings without effect."""

from __future__ import annotations

import pulumi

from components.config import IdentitySpec, StackConfig
from components.edits.findings import Findings
from components.edits.rollout import rollout
from components.preview.transition import describe
from components.standing.facts import Standing


def announce(standing: Standing, config: StackConfig, edits: Findings) -> None:
    """Prints, in previews only, how the masters, etcd's tolerance, the load balancer and the address will change."""
    if pulumi.runtime.is_dry_run():
        pulumi.log.info(plan(standing, config, edits))
        for warning in warnings(config):
            pulumi.log.warn(warning)


def plan(standing: Standing, config: StackConfig, edits: Findings) -> str:
    told = [str(note) for note in edits.notes]
    return describe(standing.masters or None, config, told, rollout(edits.notes, standing), standing.balanced)


def warnings(config: StackConfig) -> list[str]:
    """Settings that are accepted and have no effect."""
    kubernetes = IdentitySpec()
    if config.identity == kubernetes:
        return []
    return [
        "ha-masters:identity has no effect: no kube-apiserver of 1.34 to 1.36 has a flag for the duration and the "
        f"renewal of its lease, which are {kubernetes.lease_duration_seconds} s and "
        f"{kubernetes.renew_interval_seconds} s. Remove it."
    ]
