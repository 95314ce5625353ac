"""systemd: the kubelet, the agent, containerd, and the packages that a plain Debian image lacks."""

from __future__ import annotations

import configparser
import io
from pathlib import Path

from node.contract.metadata import Machine
from node.host import paths
from node.host.commands import Commands
from node.host.files import under, write
from node.manifests.kubelet import kubelet_unit

PACKAGES = (
    "containerd",
    "runc",
    "containernetworking-plugins",
    "iptables",
    "conntrack",
    "ethtool",
    "e2fsprogs",
)
AGENT, KUBELET = "ha-masters-agent.service", "kubelet.service"
GUEST_AGENT_CONFIG = "/etc/default/instance_configs.cfg"
CONTAINERD_CONFIG = "/etc/containerd/config.toml"
INSTALL_SECONDS = 300.0
STOP_SECONDS = 60.0
"""What an agent has to end in: `leaving.LEAVE_SECONDS`, and the step that it is about to finish."""
_UNITS = "/etc/systemd/system"


def install_packages(root: Path, commands: Commands) -> None:
    """From the repositories that the image is set up with. Nothing is asked of them once all is here."""
    if under(root, "/usr/bin/containerd").exists() and under(root, "/usr/lib/cni/ptp").exists():
        return
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120")
    commands.run(*quiet, "update", seconds=INSTALL_SECONDS)
    commands.run(*quiet, "install", "--no-install-recommends", *PACKAGES, seconds=INSTALL_SECONDS)


def configure_containerd(root: Path, machine: Machine, given: str, commands: Commands) -> None:
    """`given` is the whole configuration where the metadata's `containerd-config` has one, for another kind of kernel."""
    settings, text = under(root, "/etc/sysctl.d/90-ha-masters.conf"), given or containerd_config(machine)
    write(settings, "net.ipv4.ip_forward = 1\n")
    commands.run("sysctl", "-q", "-p", str(settings))
    write(under(root, CONTAINERD_CONFIG), text)
    applied = under(root, f"{paths.STATE}/containerd-config")
    if not applied.exists() or applied.read_text() != text:
        commands.run("systemctl", "restart", "containerd.service")
        write(applied, text)


def configure_guest_agent(root: Path, commands: Commands) -> None:
    """Google's guest agent would take the pods' range for addresses of the machine itself (`ip route add to local`), and no
    packet would reach a pod. Its settings: https://github.com/GoogleCloudPlatform/guest-agent#configuration.
    """
    file = under(root, GUEST_AGENT_CONFIG)
    settings = configparser.ConfigParser()
    settings.read(file)
    if settings.get("IpForwarding", "ip_aliases", fallback="true") == "false":
        return
    settings.read_dict({"IpForwarding": {"ip_aliases": "false"}})
    text = io.StringIO()
    settings.write(text)
    write(file, text.getvalue())
    commands.run("systemctl", "try-restart", "google-guest-agent.service")


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


def start(root: Path, machine: Machine, commands: Commands, *, restart_kubelet: bool) -> None:
    """Both units run afterwards, and at each boot from now on."""
    kubelet = write(under(root, f"{_UNITS}/{KUBELET}"), kubelet_unit(machine))
    agent = write(under(root, f"{_UNITS}/{AGENT}"), agent_unit())
    if kubelet or agent:
        commands.run("systemctl", "daemon-reload")
    commands.run("systemctl", "enable", "--now", KUBELET, AGENT)
    if kubelet or restart_kubelet:
        commands.run("systemctl", "restart", KUBELET)


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
TimeoutStopSec={STOP_SECONDS:.0f}

[Install]
WantedBy=multi-user.target
"""
