"""systemd's unit of the agent, and containerd's configuration."""

from __future__ import annotations

from node.contract import timings
from node.contract.metadata import Machine
from node.host import paths

AGENT, KUBELET = "ha-masters-agent.service", "kubelet.service"


def containerd_config(machine: Machine) -> str:
    """Debian keeps the CNI plugins in /usr/lib/cni. The image of the pods' sandbox is containerd's own default, but where
    the artifacts name a `pause`.
    """
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    pause = next((each.image for each in machine.config.artifacts.images if each.name == "pause"), "")
    lines = [
        "version = 2",
        f"[{cri}]",
        *([f'sandbox_image = "{pause}"'] if pause else []),
        f"[{cri}.cni]",
        'bin_dir = "/usr/lib/cni"',
        f"[{cri}.containerd.runtimes.runc]",
        'runtime_type = "io.containerd.runc.v2"',
        f"[{cri}.containerd.runtimes.runc.options]",
        "SystemdCgroup = true",
    ]
    return "\n".join(lines) + "\n"


def agent_unit() -> str:
    """After the kubelet and containerd, so that it is stopped before them: an agent whose machine nobody wants takes it out
    of etcd while etcd still runs. Google cuts the power 90 s after the button, and etcd wants the last of them.
    """
    return f"""[Unit]
Description=Keeps this master a member of its cluster
Wants=network-online.target
After=network-online.target containerd.service {KUBELET}
RequiresMountsFor={paths.DATA_DISK}
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/python3 {paths.ZIPAPP} agent
Restart=always
RestartSec=2
TimeoutStopSec={timings.AGENT_STOP:.0f}

[Install]
WantedBy=multi-user.target
"""
