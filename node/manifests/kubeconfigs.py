"""Kubeconfigs of what runs on a master. Keys stay in their own files, so that a renewed one is read without a restart."""

from __future__ import annotations

from typing import Any, Final

from node.contract.metadata import Machine
from node.host import paths

COMPONENTS: Final = ("controller-manager", "scheduler", "kubelet")


def kubeconfig(machine: Machine, component: str) -> dict[str, Any]:
    """To the local apiserver: from a master, the cluster's own address leads to that same one."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": machine.cluster,
                "cluster": {"server": machine.api_url, "certificate-authority": paths.secret("ca.crt")},
            }
        ],
        "users": [
            {
                "name": component,
                "user": {
                    "client-certificate": paths.secret(f"{component}.crt"),
                    "client-key": paths.secret(f"{component}.key"),
                },
            }
        ],
        "contexts": [{"name": component, "context": {"cluster": machine.cluster, "user": component}}],
        "current-context": component,
    }
