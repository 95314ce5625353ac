"""What add-ons have in common that run as a Deployment on workers: they are spread over zones and machines, and rolled and
drained one pod at a time.
"""

from __future__ import annotations

from components.base_addons.pods import NAMESPACE, Labels, Object, template


def deployed(name: str, labels: Labels, replicas: int, files: dict[str, str], pod: Object) -> list[Object]:
    """Returns the ConfigMap with `files` and the Deployment of `pod`, which is another one by other files."""
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": files},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "strategy": {
                    "type": "RollingUpdate",
                    "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 1},
                },
                "template": template(labels, pod, files),
            },
        },
    ]


def budget(name: str, labels: Labels) -> Object:
    """A drain takes one pod at a time, and never waits for one that is ill:
    https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy.
    """
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
        "spec": {
            "maxUnavailable": 1,
            "selector": {"matchLabels": labels},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }


def spread(labels: Labels) -> list[Object]:
    return [
        {
            "topologyKey": key,
            "maxSkew": 1,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": labels},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]
