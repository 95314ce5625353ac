"""The kubelet: its configuration, and the unit that keeps it running."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.contract import node_labels, timings
from node.contract.metadata import Machine
from node.host import paths
from node.manifests.pod import CLUSTER_CRITICAL, NODE_CRITICAL

CONTAINERD: Final = "unix:///run/containerd/containerd.sock"
TAINT: Final = node_labels.CONTROL_PLANE
HEADER: Final = {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration"}


def kubelet_config(machine: Machine) -> dict[str, Any]:
    """KubeletConfiguration. `machine.kubelet_overrides` go over it, key by key at the top."""
    return {
        **HEADER,
        "staticPodPath": paths.MANIFESTS,
        "fileCheckFrequency": "2s",
        **serving(machine.address, paths.secret("ca.crt")),
        "tlsCertFile": paths.secret("kubelet.crt"),
        "tlsPrivateKeyFile": paths.secret("kubelet.key"),
        **names_and_ports(machine.config.service_dns_address, machine.loopback),
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


def serving(address: str, authority: str) -> dict[str, Any]:
    """Returns what every kubelet runs, and whom it lets in: `authority` is the file of the one that signs clients."""
    return {
        "containerRuntimeEndpoint": CONTAINERD,
        "cgroupDriver": "systemd",
        "address": address,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": authority},
        },
        "authorization": {"mode": "Webhook"},
    }


def names_and_ports(dns_address: str, loopback: str = "127.0.0.1") -> dict[str, Any]:
    return {
        "clusterDNS": [dns_address],
        "clusterDomain": "cluster.local",
        "healthzBindAddress": loopback,
        "readOnlyPort": 0,
    }


def kubelet_unit(machine: Machine) -> str:
    """Returns the unit of systemd. It doesn't wait for this boot's bootstrap, so that a master serves while nothing can be
    fetched; but never without the data disk.
    """
    labels = {
        node_labels.REGION: machine.region,
        node_labels.ZONE: machine.zone,
    }
    needs = f"RequiresMountsFor={paths.DATA_DISK}\n"
    return unit(machine.node_name, machine.address, labels, needs=needs)


def unit(node: str, address: str, labels: Mapping[str, str], *, needs: str = "", first: str = "") -> str:
    """Returns a kubelet's unit for this Node. `needs` are further lines of its first section, `first` what precedes it."""
    given = ",".join(f"{key}={value}" for key, value in labels.items())
    return f"""[Unit]
Description=Kubelet of {node}
Wants=network-online.target containerd.service
After=network-online.target containerd.service
{needs}StartLimitIntervalSec=0

[Service]
{first}ExecStart={paths.BINARIES}/kubelet \\
  --config={paths.KUBELET_CONFIG} \\
  --kubeconfig={paths.kubeconfig("kubelet")} \\
  --hostname-override={node} \\
  --node-ip={address} \\
  --node-labels={given} \\
  --root-dir=/var/lib/kubelet
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
"""
