"""A stand-in for the kubelet: runs what lies in the manifests' folder, as plain processes, with the machine's paths moved
below its root. Pods whose program it wasn't given are taken for running.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

from node.agent.kubernetes.local_apiserver import LocalHost
from node.contract.metadata import Machine
from node.host import paths
from node.host.files import under
from node.manifests.pod import Pod, revision

_MOVED = (paths.SECRETS, paths.CONFIG, paths.DATA_DISK, paths.LOGS)


def moved(text: str, root: Path) -> str:
    """With all paths of the machine below `root`."""
    for path in _MOVED:
        text = text.replace(path, str(under(root, path)))
    return text


class Kubelet:
    def __init__(self, root: Path, programs: dict[str, Path]) -> None:
        self._root, self._programs = root, programs
        self._running: dict[str, tuple[str, subprocess.Popen[bytes]]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def folder(self) -> Path:
        return under(self._root, paths.MANIFESTS)

    def halt(self) -> None:
        """As a power cut: nothing is told."""
        self._stop.set()
        self._thread.join()
        for _, process in self._running.values():
            process.kill()
            process.wait()

    def kill(self, name: str) -> None:
        """One pod's process, which is started again."""
        process = self._running[name][1]
        process.kill()
        process.wait()

    def freeze(self, name: str, seconds: float) -> None:
        """One pod's process stands still for so long."""
        process = self._running[name][1]
        process.send_signal(signal.SIGSTOP)
        try:
            self._stop.wait(seconds)
        finally:
            process.send_signal(signal.SIGCONT)

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            texts = {f.stem: f.read_text() for f in self.folder.glob("[a-z]*.json") if f.exists()}
            for name, (text, process) in list(self._running.items()):
                if texts.get(name) != text or process.poll() is not None:
                    process.send_signal(signal.SIGTERM)
                    process.wait()
                    del self._running[name]
            for name, text in texts.items():
                if name in self._programs and name not in self._running:
                    self._running[name] = (text, self._start(name, text))

    def _start(self, name: str, text: str) -> subprocess.Popen[bytes]:
        container = json.loads(text)["spec"]["containers"][0]
        arguments = [moved(each, self._root) for each in container["command"][1:]]
        variables = {each["name"]: each["value"] for each in container["env"]}
        logs = under(self._root, paths.AUDIT_LOGS)
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"{name}.output").open("ab") as output:
            return subprocess.Popen(
                [str(self._programs[name]), *arguments],
                env=os.environ | variables,
                stdout=output,
                stderr=output,
            )


class PretendedHost:
    """An apiserver that serves as soon as its manifest is there, and stops when it goes."""

    def __init__(self, kubelet: Kubelet) -> None:
        self._folder = kubelet.folder

    def apiserver_ready(self, machine: Machine) -> bool:
        return (self._folder / "kube-apiserver.json").exists()

    def apiserver_listens(self, machine: Machine) -> bool:
        return self.apiserver_ready(machine)

    def lives(self, pod: Pod) -> bool:
        return True

    def revisions(self) -> set[str]:
        """etcd's is looked for among the processes."""
        pretended = [file for file in self._folder.glob("[a-z]*.json") if file.stem != "etcd"]
        return LocalHost().revisions() | {revision(json.loads(file.read_bytes())) for file in pretended}
