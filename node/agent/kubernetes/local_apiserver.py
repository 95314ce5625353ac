"""What can be seen on the machine itself: whether its apiserver serves, whether a pod answers its probe, and from which
manifests its processes come.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Protocol

from node.contract.metadata import Machine
from node.host import paths
from node.host.files import under
from node.host.web import WebError, request
from node.manifests.pod import REVISION, Pod

_READY_SECONDS = 2.0


class Host(Protocol):
    """What the control plane asks of the machine that it runs on."""

    def apiserver_ready(self, machine: Machine) -> bool: ...
    def apiserver_listens(self, machine: Machine) -> bool: ...
    def lives(self, pod: Pod) -> bool: ...
    def revisions(self) -> set[str]: ...


class LocalHost:
    """The machine itself: its apiserver's port, and its processes."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    def apiserver_ready(self, machine: Machine) -> bool:
        """Returns what the load balancer's health check would see."""
        try:
            context = ssl.create_default_context(cafile=str(under(self._root, paths.secret("ca.crt"))))
            request("GET", f"{machine.api_url}/readyz", timeout=_READY_SECONDS, context=context)
        except (WebError, OSError):
            return False
        return True

    def apiserver_listens(self, machine: Machine) -> bool:
        """Returns whether anything still takes connections: only a refusal says that nothing does."""
        try:
            with socket.create_connection((machine.address, machine.config.api_port), timeout=_READY_SECONDS):
                return True
        except ConnectionRefusedError:
            return False
        except OSError:
            return True

    def lives(self, pod: Pod) -> bool:
        """Returns whether it answers its liveness probe, as the kubelet asks, to whom its certificate doesn't matter.

        One that refuses its flags is started again and again, so that a process is seen, and never answers.
        """
        asked = pod["spec"]["containers"][0]["livenessProbe"]["httpGet"]
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        url = f"https://{asked['host']}:{asked['port']}{asked['path']}"
        try:
            request("GET", url, timeout=_READY_SECONDS, context=context)
        except (WebError, OSError):
            return False
        return True

    def revisions(self) -> set[str]:
        """Of every running process that was started from a manifest of ours, by its environment."""
        found: set[str] = set()
        mark = f"{REVISION}=".encode()
        for file in Path("/proc").glob("[0-9]*/environ"):
            try:
                variables = file.read_bytes().split(b"\0")
            except OSError:
                continue
            found.update(each.removeprefix(mark).decode() for each in variables if each.startswith(mark))
        return found
