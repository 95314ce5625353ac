"""metrics-server: what `kubectl top` and autoscaling by load ask, on workers.

It asks every kubelet, the masters' too, and knows them by the authorities that sign their certificates, so it is given
these in place of `--kubelet-insecure-tls`. API servers reach it at its pod's address, and don't check its certificate: it
makes one for itself at each start, as upstream's manifests have it
(https://github.com/kubernetes-sigs/metrics-server/tree/v0.8.1/manifests).
"""

from __future__ import annotations

from typing import Any, Final

from components.base_addons.on_workers import budget, deployed, spread
from components.base_addons.pods import NAMESPACE, Api, confined, finds
from components.base_addons.rights import GROUP as GROUP_OF_RIGHTS
from components.base_addons.rights import READ, binding, role, rule

NAME: Final = "metrics-server"
GROUP, VERSION = "metrics.k8s.io", "v1beta1"

RESOLUTION_SECONDS = 15
"""Between two looks at every kubelet."""

_PORT = 10250
_AUTHORITIES = "/etc/kubelet-authorities"
_LABELS = {"k8s-app": NAME}
_NAMED = {"name": NAME, "namespace": NAMESPACE}
_READER, _ROLE = "system:aggregated-metrics-reader", f"system:{NAME}"

REPLICAS = 2
"""Autoscaling rests while none answers."""


def objects(image: str, api: Api, kubelet_authorities: str) -> list[dict[str, Any]]:
    """`kubelet_authorities` are certificates, PEM."""
    files = {"ca.crt": kubelet_authorities}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _NAMED},
        *_rights(),
        *deployed(NAME, _LABELS, REPLICAS, files, _pod(image, api)),
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": _NAMED | {"labels": _LABELS},
            "spec": {
                "selector": _LABELS,
                "ports": [{"name": "https", "port": 443, "targetPort": "https", "protocol": "TCP"}],
            },
        },
        budget(NAME, _LABELS),
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": f"{VERSION}.{GROUP}", "labels": _LABELS},
            "spec": {
                "service": _NAMED,
                "group": GROUP,
                "version": VERSION,
                "insecureSkipTLSVerify": True,
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
            },
        },
    ]


def _rights() -> list[dict[str, Any]]:
    """Returns what readers of metrics may, as whoever has the role `view`, `edit` or `admin`, and what it may itself."""
    account = {"kind": "ServiceAccount", **_NAMED}
    aggregated = {f"{GROUP_OF_RIGHTS}/aggregate-to-{each}": "true" for each in ("view", "edit", "admin")}
    own = [rule("", ["nodes/metrics"], ["get"]), rule("", ["pods", "nodes"], READ)]
    return [
        role({"name": _READER, "labels": aggregated}, [rule(GROUP, ["pods", "nodes"], READ)]),
        role({"name": _ROLE, "labels": {}}, own),
        binding({"name": _ROLE}, _ROLE, account),
        binding({"name": f"{NAME}:system:auth-delegator"}, "system:auth-delegator", account),
        binding(
            {"name": f"{NAME}-auth-reader", "namespace": NAMESPACE},
            "extension-apiserver-authentication-reader",
            account,
        ),
    ]


def _pod(image: str, api: Api) -> dict[str, Any]:
    def probe(path: str) -> dict[str, Any]:
        return {"httpGet": {"path": path, "port": "https", "scheme": "HTTPS"}, "periodSeconds": 10}

    return {
        "serviceAccountName": NAME,
        "priorityClassName": "system-cluster-critical",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "topologySpreadConstraints": spread(_LABELS),
        "containers": [
            {
                "name": NAME,
                "image": image,
                "args": [
                    "--cert-dir=/tmp",
                    f"--secure-port={_PORT}",
                    f"--kubelet-certificate-authority={_AUTHORITIES}/ca.crt",
                    "--kubelet-preferred-address-types=InternalIP",
                    "--kubelet-use-node-status-port",
                    f"--metric-resolution={RESOLUTION_SECONDS}s",
                ],
                "env": finds(api),
                "ports": [{"name": "https", "containerPort": _PORT, "protocol": "TCP"}],
                "livenessProbe": probe("/livez"),
                "readinessProbe": probe("/readyz"),
                "resources": {"requests": {"cpu": "100m", "memory": "200Mi"}},
                "securityContext": confined(1000),
                "volumeMounts": [
                    {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 (a path of the pod's own)
                    {"name": "authorities", "mountPath": _AUTHORITIES, "readOnly": True},
                ],
            }
        ],
        "volumes": [
            {"name": "tmp", "emptyDir": {}},
            {"name": "authorities", "configMap": {"name": NAME}},
        ],
    }
