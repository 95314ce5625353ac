"""The root of all components: it records the inputs before any resource is created."""

from __future__ import annotations

import pulumi

from components.config import StackConfig


class ControlPlane(pulumi.ComponentResource):
    """The parent of every other component.

    The engine registers a parent before its children and shows its inputs to the policy pack at once, so a rule about the
    list of replicas stops an update before the first resource is created, also without a preview.
    """

    def __init__(self, name: str, config: StackConfig) -> None:
        super().__init__(
            "ha-masters:index:ControlPlane",
            name,
            {
                "clusterName": config.cluster_name,
                "region": config.region,
                "kubernetesVersion": config.kubernetes_version,
                "replicas": [
                    {"name": replica.name, "zone": replica.zone, "identity": replica.identity}
                    for replica in sorted(config.replicas, key=lambda each: each.identity)
                ],
            },
        )
