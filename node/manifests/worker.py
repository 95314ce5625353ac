"""A worker's files and units: a kubelet that Google's word for its VM admits, no certificate of its own but for serving.

The kubelet asks `node.pyz identity` for a token whenever its last one ends; that it serves with a certificate is by a
request that masters judge (`serverTLSBootstrap`). Labels are those that a node may give itself. Its taints are set when it
makes its Node, and never again.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from node.contract import node_labels
from node.contract.worker import Worker
from node.host import packets, paths
from node.manifests import cni, kubelet
from node.manifests.files import File
from node.manifests.pod import CLUSTER_CRITICAL, NODE_CRITICAL, text
from node.manifests.units import KUBELET

SHUTDOWN_SECONDS = (60, 15, 10)
"""For ordinary pods, those of the cluster, those of the node: of the 90 s between the button and the end of power."""

PREEMPTION_SECONDS = (15, 5, 5)
"""Of 30 s: https://cloud.google.com/compute/docs/instances/preemptible#preemption-process"""


def configuration(worker: Worker, resolver: str = "") -> list[File]:
    """Returns all files but the units. The kubelet reads all but the CNI's when it starts. `resolver`: `kubelet_config`."""
    return [
        File(paths.CLUSTER_CA, worker.authority.strip() + "\n", 0o600),
        File(paths.KUBELET_CONFIG, text(kubelet_config(worker, resolver)), 0o600),
        File(paths.kubeconfig("kubelet"), text(kubeconfig(worker)), 0o600),
        File(cni.PATH, text(cni.network(worker.pod_range)), 0o600),
    ]


def kubelet_config(worker: Worker, resolver: str = "") -> dict[str, Any]:
    """KubeletConfiguration. `worker.kubelet_overrides` go over it, key by key at the top. `resolver` is the file with the
    VPC's own resolvers, if /etc/resolv.conf isn't that.
    """
    priorities = (0, CLUSTER_CRITICAL.value, NODE_CRITICAL.value)
    seconds = PREEMPTION_SECONDS if worker.preemptible else SHUTDOWN_SECONDS
    taints = [{key: value for key, value in asdict(taint).items() if value} for taint in worker.config.taints]
    return {
        **kubelet.HEADER,
        **kubelet.serving(worker.address, paths.CLUSTER_CA),
        "serverTLSBootstrap": True,
        "rotateCertificates": False,
        "providerID": worker.provider_id,
        **kubelet.names_and_ports(worker.config.dns_address),
        **({"resolvConf": resolver} if resolver else {}),
        **({"registerWithTaints": taints} if taints else {}),
        "shutdownGracePeriodByPodPriority": [
            {"priority": priority, "shutdownGracePeriodSeconds": each}
            for priority, each in zip(priorities, seconds, strict=True)
        ],
        **worker.kubelet_overrides,
    }


def kubelet_unit(worker: Worker) -> str:
    """The kubelet doesn't start, and so no pod does, before the metadata server is closed to pods."""
    labels = {
        node_labels.POOL: worker.config.pool,
        node_labels.REGION: worker.region,
        node_labels.ZONE: worker.zone,
        node_labels.INSTANCE_TYPE: worker.machine_type,
        **dict(sorted(worker.config.labels.items())),
    }
    first = f"ExecStartPre=/bin/sh -c '{packets.closing(worker.config.pod_range)}'\n"
    return kubelet.unit(worker.name, worker.address, labels, first=first)


def agent_unit() -> str:
    """Its words go to the console too, for whoever has no way to a machine that doesn't join."""
    return f"""[Unit]
Description=Keeps this worker in its cluster
Wants=network-online.target
After=network-online.target containerd.service {KUBELET}
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/python3 {paths.ZIPAPP} worker
StandardOutput=journal+console
StandardError=journal+console
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
"""


def kubeconfig(worker: Worker) -> dict[str, Any]:
    """To the cluster's own address. `Never`: nobody sits at a kubelet's terminal, and the plugin is told not to ask."""
    cluster, user = worker.config.cluster, "kubelet"
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "/usr/bin/python3",
        "args": [paths.ZIPAPP, "identity", worker.config.audience],
        "interactiveMode": "Never",
        "provideClusterInfo": False,
    }
    server = {"server": worker.config.api_url, "certificate-authority": paths.CLUSTER_CA}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": cluster, "cluster": server}],
        "users": [{"name": user, "user": {"exec": plugin}}],
        "contexts": [{"name": user, "context": {"cluster": cluster, "user": user}}],
        "current-context": user,
    }
