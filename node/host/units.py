"""systemd's units, containerd, Google's guest agent, and the packages that a plain Debian image lacks."""

from __future__ import annotations

import configparser
import io
from collections.abc import Mapping
from pathlib import Path

from node.host import paths
from node.host.commands import Commands
from node.host.files import under, write

RUNTIME_PACKAGES = ("containerd", "runc", "containernetworking-plugins")
PACKAGES = (
    "iptables",
    "conntrack",
    "ethtool",
    "e2fsprogs",
)
GUEST_AGENT_CONFIG = "/etc/default/instance_configs.cfg"
GUEST_AGENT_CONTROL = "/usr/bin/ggactl_plugin"
CONTAINERD, CONTAINERD_CONFIG = "containerd.service", "/etc/containerd/config.toml"
INSTALL_SECONDS = 300.0
_UNITS = "/etc/systemd/system"
_APT_FAILED = (100,)


def install_packages(root: Path, commands: Commands, *, runtime: bool) -> None:
    """From the repositories that the image is set up with. Nothing is asked of them once all is here. `runtime`: also what
    runs containers.

    An installation that a power cut ended is ended first: dpkg refuses everything else until then.
    """
    last = (
        ("/usr/bin/containerd", "/usr/lib/cni/ptp")
        if runtime
        else ("/usr/sbin/iptables", "/usr/sbin/conntrack")
    )
    if all(under(root, program).exists() for program in last):
        return
    packages = (*RUNTIME_PACKAGES, *PACKAGES) if runtime else PACKAGES
    commands.run("dpkg", "--configure", "-a", seconds=INSTALL_SECONDS)
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120")
    # A suite that has gone from its mirror fails the whole update; what can be installed nevertheless is installed.
    commands.run(*quiet, "update", allow=_APT_FAILED, seconds=INSTALL_SECONDS)
    commands.run(*quiet, "install", "--no-install-recommends", *packages, seconds=INSTALL_SECONDS)


def configure_containerd(root: Path, text: str, commands: Commands, unit: str = "") -> None:
    """Restarts containerd if it runs by another configuration than `text`, or by another `unit`; empty: its package's."""
    settings = under(root, "/etc/sysctl.d/90-ha-masters.conf")
    write(settings, "net.ipv4.ip_forward = 1\n")
    commands.run("sysctl", "-q", "-p", str(settings))
    write(under(root, CONTAINERD_CONFIG), text)
    applied = under(root, f"{paths.STATE}/containerd-config")
    if unit:
        write(under(root, f"{_UNITS}/{CONTAINERD}"), unit)
    if not applied.exists() or applied.read_text() != text + unit:
        if unit:
            commands.run("systemctl", "daemon-reload")
            commands.run("systemctl", "enable", CONTAINERD)
        commands.run("systemctl", "restart", CONTAINERD)
        write(applied, text + unit)


def configure_guest_agent(root: Path, commands: Commands) -> None:
    """Google's guest agent would take the pods' range for addresses of the machine itself (`ip route add to local`), and no
    packet would reach a pod. Its settings: https://github.com/GoogleCloudPlatform/guest-agent#configuration.

    Since June 2025 that part of it is the manager's core plugin, which outlives the manager and reads its settings once
    (google-guest-agent, cmd/ggactl and cmd/core_plugin); the unit of before is stopped then. Routes that it has added
    without these settings go when it begins anew.
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
    if under(root, GUEST_AGENT_CONTROL).exists():
        commands.run("ggactl_plugin", "coreplugin", "restart")
    else:
        commands.run("systemctl", "try-restart", "google-guest-agent.service")


def start(root: Path, texts: Mapping[str, str], commands: Commands) -> set[str]:
    """Units, by name and text, run afterwards and at each boot from now on. Returns those whose text is new."""
    written = {name for name, text in texts.items() if write(under(root, f"{_UNITS}/{name}"), text)}
    if written:
        commands.run("systemctl", "daemon-reload")
    commands.run("systemctl", "enable", "--now", *texts)
    return written


def restart(unit: str, commands: Commands) -> None:
    commands.run("systemctl", "restart", unit)
