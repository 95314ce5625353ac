"""The kubelet: its configuration, and the unit that keeps it running."""

from __future__ import annotations

from typing import Any, Final

from node.contract import timings
from node.contract.metadata import Machine
from node.host import paths
from node.manifests.pod import CLUSTER_CRITICAL, NODE_CRITICAL

CONTAINERD: Final = "unix:///run/containerd/containerd.sock"
TAINT: Final = "node-role.kubernetes.io/control-plane"


def kubelet_config(machine: Machine) -> dict[str, Any]:
    """KubeletConfiguration. `machine.kubelet_overrides` go over it, key by key at the top."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "staticPodPath": paths.MANIFESTS,
        "fileCheckFrequency": "2s",
        "containerRuntimeEndpoint": CONTAINERD,
        "cgroupDriver": "systemd",
        "address": machine.address,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": paths.secret("ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": paths.secret("kubelet.crt"),
        "tlsPrivateKeyFile": paths.secret("kubelet.key"),
        "clusterDNS": [machine.config.service_dns_address],
        "clusterDomain": "cluster.local",
        "healthzBindAddress": machine.loopback,
        "readOnlyPort": 0,
        "registerWithTaints": [{"key": TAINT, "effect": "NoSchedule"}],
        # What the node sets itself under NodeRestriction; its role is for the add-on loop to set.
        # The apiserver leaves the load balancer and ends its requests while its etcd still answers; etcd goes last.
        "shutdownGracePeriodByPodPriority": [
            {"priority": 0, "shutdownGracePeriodSeconds": 5},
            {"priority": CLUSTER_CRITICAL.value, "shutdownGracePeriodSeconds": timings.APISERVER_DRAIN + 5},
            {"priority": NODE_CRITICAL.value, "shutdownGracePeriodSeconds": 10},
        ],
        **machine.kubelet_overrides,
    }


def kubelet_unit(machine: Machine) -> str:
    """The unit of systemd. It doesn't wait for this boot's bootstrap, so that a master serves while nothing can be fetched;
    but never without the data disk.
    """
    labels = ",".join(
        (
            f"topology.kubernetes.io/region={machine.region}",
            f"topology.kubernetes.io/zone={machine.zone}",
        )
    )
    return f"""[Unit]
Description=Kubelet of {machine.node_name}
Wants=network-online.target containerd.service
After=network-online.target containerd.service
RequiresMountsFor={paths.DATA_DISK}
StartLimitIntervalSec=0

[Service]
ExecStart={paths.BINARIES}/kubelet \\
  --config={paths.KUBELET_CONFIG} \\
  --kubeconfig={paths.kubeconfig("kubelet")} \\
  --hostname-override={machine.node_name} \\
  --node-ip={machine.address} \\
  --node-labels={labels} \\
  --root-dir=/var/lib/kubelet
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
"""
