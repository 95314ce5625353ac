"""etcd's tool for data that no etcd runs on, taken out of the very image that etcd runs from, so that both are one release.

The program is a static one and runs on the machine itself: no container, no sandbox, nothing that the kubelet must know.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from node.contract.metadata import Machine
from node.host import paths
from node.host.commands import Commands, MachineError
from node.host.files import under

PULL_SECONDS, MOUNT_SECONDS = 300.0, 60.0
RUN_SECONDS = 900.0
"""For a database of 8 GiB, the most that etcd advises, on the slowest disk that the config takes: read, checked, written."""

_PLACES = ("usr/local/bin/etcdutl", "usr/bin/etcdutl", "bin/etcdutl")
_CTR = ("ctr", "--namespace", "k8s.io", "images")


class Etcdutl:
    """etcd's tool for files that no etcd serves, run from the very image of etcd that the machine has."""

    def __init__(self, root: Path, commands: Commands) -> None:
        self._root, self._commands = root, commands

    def restore(self, machine: Machine, snapshot: Path, into: Path, options: Mapping[str, str]) -> None:
        """Raises MachineError with the tool's own words."""
        listed = [f"--{name}={value}" for name, value in options.items()]
        self._run(machine, "snapshot", "restore", str(snapshot), f"--data-dir={into}", *listed)

    def revision(self, machine: Machine, snapshot: Path) -> int:
        """Returns the revision of a snapshot, after every page was read and checked. Raises MachineError."""
        said = self._run(machine, "snapshot", "status", str(snapshot), "--write-out=json")
        try:
            return int(json.loads(said)["revision"])
        except (ValueError, KeyError):
            raise MachineError(f"etcdutl says of a snapshot what isn't understood: {said[:200]}") from None

    def _run(self, machine: Machine, *arguments: str) -> str:
        return self._commands.run(str(self.program(machine)), *arguments, seconds=RUN_SECONDS)[1]

    def program(self, machine: Machine) -> Path:
        """Returns where the tool lies; the first call takes it out of the image. Raises MachineError."""
        reference = machine.config.image("etcd")
        digest = hashlib.sha256(reference.encode()).hexdigest()[:12]
        target = under(self._root, f"{paths.BINARIES}/etcdutl-{digest}")
        if not target.exists():
            self._take_out(self._present(reference), target)
        return target

    def _present(self, reference: str) -> str:
        """The image by the name that containerd has it under: the kubelet pulls by digest alone where there is one."""
        wanted = _by_digest(reference)
        _, listed = self._commands.run(*_CTR, "list", "-q", seconds=MOUNT_SECONDS)
        for name in (reference, wanted):
            if name in listed.split():
                return name
        self._commands.run(*_CTR, "pull", wanted, seconds=PULL_SECONDS)
        return wanted

    def _take_out(self, image: str, target: Path) -> None:
        state = under(self._root, paths.STATE)
        state.mkdir(parents=True, exist_ok=True)
        mounted = Path(tempfile.mkdtemp(prefix="etcd-image-", dir=state))
        try:
            self._commands.run(*_CTR, "mount", image, str(mounted), seconds=MOUNT_SECONDS)
            found = next((mounted / place for place in _PLACES if (mounted / place).exists()), None)
            if found is None:
                raise MachineError(f"the image {image} holds no etcdutl: pin one of etcd 3.6 that does")
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.new")
            shutil.copyfile(found, draft)
            draft.chmod(0o755)
            draft.replace(target)
        finally:
            self._commands.run(*_CTR, "unmount", "--rm", str(mounted), allow=(1,), seconds=MOUNT_SECONDS)
            mounted.rmdir()


def _by_digest(reference: str) -> str:
    """`host/name:tag@sha256:…` without its tag, as containerd normalizes it."""
    name, at, digest = reference.partition("@")
    return f"{name[: name.rindex(':')]}{at}{digest}" if at and ":" in name.rpartition("/")[2] else reference
