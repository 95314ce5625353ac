"""Static pods: manifests in the folder that the kubelet watches. What lies there runs; what is taken away ends."""

from __future__ import annotations

import json
from pathlib import Path

from node.host import paths
from node.host.files import under, write
from node.manifests.pod import Pod, revision, text


class Pods:
    """The manifests in the kubelet's folder, each by its pod's name."""

    def __init__(self, root: Path) -> None:
        self._folder = under(root, paths.MANIFESTS)

    def placed(self, name: str) -> Pod | None:
        try:
            pod: Pod = json.loads(self._file(name).read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return pod

    def place(self, pod: Pod) -> bool:
        """Returns whether the kubelet has anything to do: an unchanged manifest restarts nothing."""
        return write(self._file(pod["metadata"]["name"]), text(pod), 0o600)

    def remove(self, name: str) -> bool:
        if not self._file(name).exists():
            return False
        self._file(name).unlink()
        return True

    def revisions(self) -> dict[str, str]:
        """Of all manifests that lie there and are ours, by their names."""
        found = {}
        for file in sorted(self._folder.glob("*.json")):
            if not file.name.startswith(".") and (pod := self.placed(file.stem)):
                found[file.stem] = revision(pod)
        return found

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"
