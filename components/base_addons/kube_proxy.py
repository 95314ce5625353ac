"""kube-proxy: a pod on each node, masters too, for an apiserver reaches webhooks and aggregated APIs by their services.

It reads the API at the cluster's own address: by the service `kubernetes` it couldn't, for it makes that service work.
Rules are nftables', the mode that replaces the others (kubernetes/enhancements, KEP-3866), for which the image has the
program. The limit of connections that are tracked stays the kernel's, which goes by the machine's memory.
"""

from __future__ import annotations

import json
from typing import Any

from components.base_addons.pods import NAMESPACE, Api, daemon_set
from components.base_addons.rights import binding

NAME = "kube-proxy"
_FOLDER = "/var/lib/kube-proxy"
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  (a path)
_LABELS = {"k8s-app": NAME}


def objects(image: str, api: Api, pod_range: str) -> list[dict[str, Any]]:
    files = {
        "config.json": _text(_configuration(pod_range)),
        "kubeconfig.json": _text(_kubeconfig(api)),
    }
    named = {"name": NAME, "namespace": NAMESPACE}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named},
        binding({"name": f"ha-masters:{NAME}"}, "system:node-proxier", {"kind": "ServiceAccount", **named}),
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": named | {"labels": _LABELS}, "data": files},
        daemon_set(NAME, _LABELS, _pod(image), files),
    ]


def _pod(image: str) -> dict[str, Any]:
    return {
        "serviceAccountName": NAME,
        "priorityClassName": "system-node-critical",
        "hostNetwork": True,
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"operator": "Exists"}],
        "containers": [
            {
                "name": NAME,
                "image": image,
                "command": [
                    f"/usr/local/bin/{NAME}",
                    f"--config={_FOLDER}/config.json",
                    "--hostname-override=$(NODE_NAME)",
                ],
                "env": [{"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
                "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
                "securityContext": {"privileged": True},
                "volumeMounts": [
                    {"name": "configuration", "mountPath": _FOLDER, "readOnly": True},
                    {"name": "modules", "mountPath": "/lib/modules", "readOnly": True},
                ],
            }
        ],
        "volumes": [
            {"name": "configuration", "configMap": {"name": NAME}},
            {"name": "modules", "hostPath": {"path": "/lib/modules", "type": "DirectoryOrCreate"}},
        ],
    }


def _configuration(pod_range: str) -> dict[str, Any]:
    """Google's health checks ask a load balancer's own address: port 10256, or where `externalTrafficPolicy` is Local the
    Service's port for it (kubernetes/kubernetes#117723). With nftables kube-proxy would listen for the second at the node's
    address alone, every node would seem ill, and Google would send to those without a pod, too.
    """
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clusterCIDR": pod_range,
        "detectLocalMode": "ClusterCIDR",
        "clientConnection": {"kubeconfig": f"{_FOLDER}/kubeconfig.json"},
        "conntrack": {"maxPerCore": 0},
        "nodePortAddresses": ["0.0.0.0/0"],
        "healthzBindAddress": "0.0.0.0:10256",
        "metricsBindAddress": "127.0.0.1:10249",
    }


def _kubeconfig(api: Api) -> dict[str, Any]:
    """Returns a kubeconfig by the pod's service account, whose token the kubelet renews in its file."""
    name = "default"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": api.url, "certificate-authority": f"{_TOKEN}/ca.crt"}}
        ],
        "users": [{"name": name, "user": {"tokenFile": f"{_TOKEN}/token"}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": NAMESPACE}}],
        "current-context": name,
    }


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"
