"""The cluster's DNS: CoreDNS on workers, spread over their zones, at the tenth address of the services' range.

Masters' taint keeps it off them, so that it needs none.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from components.base_addons.on_workers import budget, deployed, spread
from components.base_addons.pods import NAMESPACE, Api, finds
from components.base_addons.rights import binding, role, rule

NAME = "coredns"
SERVICE = "kube-dns"
"""The name that every installer gives it, and that others look for."""

FEWEST, NODES_A_REPLICA = 2, 16
"""As Kubernetes' own autoscaler of its DNS has it: cluster/addons/dns-horizontal-autoscaler."""

LAMEDUCK_SECONDS = 5

_LABELS = {"k8s-app": SERVICE}
_PORTS = (("dns", 53, "UDP"), ("dns-tcp", 53, "TCP"), ("metrics", 9153, "TCP"))
_ROLE = "system:coredns"

COREFILE = f""".:53 {{
    errors
    health {{
        lameduck {LAMEDUCK_SECONDS}s
    }}
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }}
    prometheus :9153
    forward . /etc/resolv.conf {{
        max_concurrent 1000
    }}
    cache 30
    loop
    reload
    loadbalance
}}
"""
"""Names of pods are answered as every installer has it: https://coredns.io/plugins/kubernetes/. `loop` ends a server that
would ask itself for ever.
"""


def replicas(nodes: int) -> int:
    """Returns 0 for no nodes: with the last workers gone, pods have nowhere to be, and a budget would keep the last."""
    return max(FEWEST, ceil(nodes / NODES_A_REPLICA)) if nodes else 0


def objects(image: str, api: Api, dns_address: str, nodes: int) -> list[dict[str, Any]]:
    files = {"Corefile": COREFILE}
    named = {"name": NAME, "namespace": NAMESPACE}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named},
        *_rights(),
        *deployed(NAME, _LABELS, replicas(nodes), files, _pod(image, api)),
        _service(dns_address),
        budget(NAME, _LABELS),
    ]


def _rights() -> list[dict[str, Any]]:
    """Returns what CoreDNS' plugin `kubernetes` watches."""
    watch, account = ["list", "watch"], {"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}
    watched = [
        rule("", ["namespaces", "pods", "services"], watch),
        rule("discovery.k8s.io", ["endpointslices"], watch),
    ]
    return [role({"name": _ROLE}, watched), binding({"name": _ROLE}, _ROLE, account)]


def _service(dns_address: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": SERVICE,
            "namespace": NAMESPACE,
            "labels": _LABELS | {"kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS"},
        },
        "spec": {
            "clusterIP": dns_address,
            "selector": _LABELS,
            "ports": [{"name": name, "port": port, "protocol": protocol} for name, port, protocol in _PORTS],
        },
    }


def _pod(image: str, api: Api) -> dict[str, Any]:
    return {
        "serviceAccountName": NAME,
        "priorityClassName": "system-cluster-critical",
        "dnsPolicy": "Default",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
        "topologySpreadConstraints": spread(_LABELS),
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": NAME,
                "image": image,
                "args": ["-conf", "/etc/coredns/Corefile"],
                "env": finds(api),
                "ports": [
                    {"name": name, "containerPort": port, "protocol": protocol}
                    for name, port, protocol in _PORTS
                ],
                "livenessProbe": {
                    "httpGet": {"path": "/health", "port": 8080},
                    "initialDelaySeconds": 60,
                    "timeoutSeconds": 5,
                    "failureThreshold": 5,
                },
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}},
                "resources": {
                    "requests": {"cpu": "100m", "memory": "70Mi"},
                    "limits": {"memory": "170Mi"},
                },
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                },
                "volumeMounts": [{"name": "configuration", "mountPath": "/etc/coredns", "readOnly": True}],
            }
        ],
        "volumes": [{"name": "configuration", "configMap": {"name": NAME}}],
    }
