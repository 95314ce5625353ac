"""A Deployment whose pods answer `here` over HTTP at PORT, by the busybox that lies in the image of the pods' sandbox."""

from __future__ import annotations

from typing import Any

from lab.machines.image.recipe import BUSYBOX, PAUSE

PORT = 8080
SERVE = f"exec {BUSYBOX} httpd -f -p {PORT} -h /tmp"


def labels(name: str) -> dict[str, str]:
    return {"app": name}


def deployment(
    name: str,
    replicas: int,
    *,
    apart: str = "kubernetes.io/hostname",
    unsatisfiable: str = "ScheduleAnyway",
    first: str = "echo here > /tmp/index.html",
    container: dict[str, Any] | None = None,
    **pod: Any,
) -> dict[str, Any]:
    """Pods are spread over the values of the label `apart`, and run `first` before they serve. `container` and `pod` have
    more of the one and the other.
    """
    selector = {"matchLabels": labels(name)}
    serves = {
        "name": name,
        "image": PAUSE,
        "imagePullPolicy": "Never",
        "command": [BUSYBOX, "sh", "-c", f"{first}; {SERVE}"],
    }
    spread = {
        "maxSkew": 1,
        "topologyKey": apart,
        "whenUnsatisfiable": unsatisfiable,
        "labelSelector": selector,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": selector,
            "template": {
                "metadata": {"labels": labels(name)},
                "spec": {
                    "containers": [serves | (container or {})],
                    "topologySpreadConstraints": [spread],
                    **pod,
                },
            },
        },
    }
