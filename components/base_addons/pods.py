"""What base add-ons have in common wherever their pods run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Labels = Mapping[str, str]
Object = dict[str, Any]

NAMESPACE: Final = "kube-system"
CONFIGURED: Final = "ha-masters.dev/configuration"
"""An annotation of pods: by another configuration, other pods."""


@dataclass(frozen=True, slots=True)
class Api:
    """The cluster's own address, an IPv4 one, and port."""

    address: str
    port: int

    @property
    def url(self) -> str:
        return f"https://{self.address}:{self.port}"


def finds(api: Api) -> list[Object]:
    """Returns variables of a container: by these, clients in a pod find the API."""
    return [
        {"name": "KUBERNETES_SERVICE_HOST", "value": api.address},
        {"name": "KUBERNETES_SERVICE_PORT", "value": str(api.port)},
    ]


def confined(user: int) -> Object:
    """Returns the security context of a container that needs nothing of its machine:
    https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted.
    """
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "runAsUser": user,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def template(labels: Labels, pod: Object, files: Mapping[str, str]) -> Object:
    """Returns that of `pod`, which is another one by other `files`."""
    configured = {"annotations": {CONFIGURED: _digest(files)}} if files else {}
    return {"metadata": {"labels": labels, **configured}, "spec": pod}


def daemon_set(name: str, labels: Labels, pod: Object, files: Mapping[str, str] | None = None) -> Object:
    """Returns a pod on each node that `pod` lets in, rolled one at a time. `files` are of its ConfigMap."""
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
            "template": template(labels, pod, files or {}),
        },
    }


def _digest(files: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
