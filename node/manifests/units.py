"""systemd's unit of the agent, and containerd's configuration."""

from __future__ import annotations

from node.contract import timings
from node.contract.machine_config import CONTAINERD, Artifacts
from node.host import paths

AGENT, KUBELET = "ha-masters-agent.service", "kubelet.service"


def containerd_config(artifacts: Artifacts) -> str:
    """For Debian's containerd 1.6, which keeps the CNI plugins in /usr/lib/cni, or for a pinned one, whose configuration has
    had version 3 since 2.0: https://github.com/containerd/containerd/blob/main/docs/cri/config.md#config-versions. The image
    of the pods' sandbox is containerd's own default, but where the artifacts name a `pause`.
    """
    pause = next((each.image for each in artifacts.images if each.name == "pause"), "")
    if archive := artifacts.archive(CONTAINERD):
        return _pinned_config(archive.sha256, pause)
    cri = 'plugins."io.containerd.grpc.v1.cri"'
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


def _pinned_config(sha256: str, pause: str) -> str:
    """The CNI plugins lie where containerd 2 looks for them by itself. The checksum is a line of its own, so that another
    archive is another configuration, for which containerd is restarted.
    """
    runc = "plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc"
    lines = [
        f"# containerd of the archive {sha256}",
        "version = 3",
        *(["[plugins.'io.containerd.cri.v1.images'.pinned_images]", f'sandbox = "{pause}"'] if pause else []),
        f"[{runc}]",
        'runtime_type = "io.containerd.runc.v2"',
        f"[{runc}.options]",
        f'BinaryName = "{paths.BINARIES}/runc"',
        "SystemdCgroup = true",
    ]
    return "\n".join(lines) + "\n"


def containerd_unit(artifacts: Artifacts, machine: str = "master") -> str:
    """In the place of the package's, for a pinned containerd; else empty. Containers outlive its restart, which is what
    `KillMode=process` is for. Limits are those of the containerd.service that comes with 2.2.
    """
    if artifacts.archive(CONTAINERD) is None:
        return ""
    return f"""[Unit]
Description=Runs this {machine}'s containers
After=network.target local-fs.target dbus.service
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStartPre=-/sbin/modprobe overlay
ExecStart={paths.LOCAL_BINARIES}/containerd
Delegate=yes
KillMode=process
Restart=always
RestartSec=2
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
"""


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
