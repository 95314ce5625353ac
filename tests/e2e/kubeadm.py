"""kubeadm on the same machines, as a yardstick: three stacked masters, installed as its documentation says.

https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/: `init` on the first, `join
--control-plane` on the others, one after another. Its defaults are kept but for what the lab's machines need (cgroups of
version 1, images that are there already) and for the add-ons, which no master needs to be Ready. No load balancer: the
first master's address is the endpoint, so nothing is measured through it.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lab.machines.guest_settings import ATTRIBUTES
from lab.machines.image.recipe import PAUSE
from lab.toolchain import kubernetes
from lab.toolchain.kubernetes.recipe import ETCD, KUBERNETES
from tests.e2e.lab import Lab, cloud_of_machines
from tests.lab.machines.cloud import Project
from tests.waiting import until

MASTERS = ("kubeadm-1-b", "kubeadm-2-b", "kubeadm-3-b")
IMAGES_FROM = PAUSE.rpartition("/")[0]
PREPARED = "/run/ready-for-kubeadm"
BOOT_SECONDS, STEP_SECONDS = 60.0, 240.0

_KUBELET_UNIT = """[Unit]
After=containerd.service
StartLimitIntervalSec=0
[Service]
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
ExecStart=/opt/ha-masters/bin/kubelet --kubeconfig=/etc/kubernetes/kubelet.conf \\
  --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --config=/var/lib/kubelet/config.yaml $KUBELET_KUBEADM_ARGS
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
"""

_KUBELET = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "kind": "KubeletConfiguration",
    **json.loads(ATTRIBUTES["kubelet-overrides"]),
}

_PODS = {
    "cniVersion": "1.0.0",
    "name": "pods",
    "plugins": [{"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.96.255.0/24"}]]}}],
}

_STARTUP = f"""#!/bin/bash
set -e
mkdir -p /etc/containerd /etc/cni/net.d
cat > /etc/containerd/config.toml <<'END'
{ATTRIBUTES["containerd-config"]}
END
cat > /etc/systemd/system/kubelet.service <<'END'
{_KUBELET_UNIT}
END
cat > /etc/cni/net.d/10-pods.conflist <<'END'
{json.dumps(_PODS)}
END
# Google's name server would know it; the lab has none, and the kubelet asks before each static pod.
echo "$(hostname -I | cut -d ' ' -f 1) $(hostname)" >> /etc/hosts
ln -sf /opt/ha-masters/bin/kubelet /usr/bin/kubelet
systemctl daemon-reload
systemctl restart containerd
touch {PREPARED}
"""


@dataclass
class Yardstick(Lab):
    port: int = 6443
    project: Project = field(kw_only=True)

    def outside(self, *command: str) -> list[str]:
        """There is no way in from outside the VPC: a client stands beside a master that is on."""
        return self.beside(next(name for name in MASTERS if name in self.machines()), *command)

    def install(self) -> float:
        """Seconds from the first call of the API to three Ready masters."""
        began = time.monotonic()
        for name in MASTERS:
            self.project.vm(name, metadata={"items": [{"key": "startup-script", "value": _STARTUP}]})
        first, *others = MASTERS
        key, token = secrets.token_hex(32), f"{secrets.token_hex(3)}.{secrets.token_hex(8)}"
        self._prepared(first)
        self._kubeadm(
            first,
            "init",
            [self._init(first, key, token), self._cluster(first), _KUBELET],
            "--upload-certs",
            "--skip-phases=addon,preflight",
        )
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(self.inside(first, "cat", "/etc/kubernetes/admin.conf"))
        for name in others:
            self._prepared(name)
            self._kubeadm(name, "join", [self._join(name, first, key, token)], "--skip-phases=preflight")
        self.nodes_ready(MASTERS)
        return time.monotonic() - began

    def leader(self) -> str:
        """Name of the machine with etcd's leader."""
        for name in MASTERS:
            if "etcd_server_is_leader 1" in self.inside(name, "curl", "-s", "http://127.0.0.1:2381/metrics"):
                return name
        raise AssertionError("no etcd says that it leads")

    def _prepared(self, name: str) -> None:
        """Its start-up script is through, and kubeadm is there."""
        until(f"{name} on", lambda: name in self.machines(), BOOT_SECONDS)
        until(f"{name} prepared", lambda: bool(self.inside(name, "ls", PREPARED, check=False)), BOOT_SECONDS)
        program = (kubernetes.ensure("kubernetes") / "kubeadm").read_bytes()
        self.inside(name, "sh", "-c", "cat > /usr/bin/kubeadm && chmod +x /usr/bin/kubeadm", stdin=program)

    def _kubeadm(self, name: str, verb: str, documents: list[dict[str, Any]], *flags: str) -> None:
        config = yaml.safe_dump_all(documents).encode()
        self.inside(name, "sh", "-c", "cat > /run/kubeadm.yaml", stdin=config)
        self.inside(name, "kubeadm", verb, "--config=/run/kubeadm.yaml", *flags, seconds=STEP_SECONDS)

    def _init(self, name: str, key: str, token: str) -> dict[str, Any]:
        return {
            "apiVersion": "kubeadm.k8s.io/v1beta4",
            "kind": "InitConfiguration",
            "bootstrapTokens": [{"token": token}],
            "certificateKey": key,
            "localAPIEndpoint": {"advertiseAddress": self.address(name)},
            "nodeRegistration": _node(name),
        }

    def _cluster(self, first: str) -> dict[str, Any]:
        return {
            "apiVersion": "kubeadm.k8s.io/v1beta4",
            "kind": "ClusterConfiguration",
            "kubernetesVersion": f"v{KUBERNETES}",
            "imageRepository": IMAGES_FROM,
            "etcd": {"local": {"imageTag": ETCD}},
            "controlPlaneEndpoint": f"{self.address(first)}:{self.port}",
        }

    def _join(self, name: str, first: str, key: str, token: str) -> dict[str, Any]:
        bootstrap = {
            "token": token,
            "apiServerEndpoint": f"{self.address(first)}:{self.port}",
            "unsafeSkipCAVerification": True,
        }
        return {
            "apiVersion": "kubeadm.k8s.io/v1beta4",
            "kind": "JoinConfiguration",
            "discovery": {"bootstrapToken": bootstrap},
            "controlPlane": {
                "certificateKey": key,
                "localAPIEndpoint": {"advertiseAddress": self.address(name)},
            },
            "nodeRegistration": _node(name),
        }


def _node(name: str) -> dict[str, Any]:
    socket = "unix:///run/containerd/containerd.sock"
    return {"name": name, "criSocket": socket, "imagePullPolicy": "Never"}


@contextmanager
def yardstick(folder: Path) -> Iterator[Yardstick]:
    with cloud_of_machines(folder) as running:
        project = Project(running.url)
        project.network()
        everything = {"sourceRanges": ["10.0.0.0/24"], "allowed": [{"IPProtocol": "all"}]}
        project.api.made("global/firewalls", {"name": "inside", "network": "global/networks/n", **everything})
        yield Yardstick(folder, running, project=project)
