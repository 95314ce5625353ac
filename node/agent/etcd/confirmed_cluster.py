"""The data disk keeps the id of its cluster, so that a master serves again while the bucket can't be read."""

from __future__ import annotations

from pathlib import Path

from node.contract.bootstrap_marker import BootstrapMarker
from node.host import paths
from node.host.files import under, write


class ConfirmedCluster:
    """The id as it stands on the data disk, kept after each look that found the marker."""

    def __init__(self, root: Path) -> None:
        self._file = under(root, f"{paths.DATA_DISK}/confirmed-cluster")

    def remember(self, cluster_id: str) -> None:
        write(self._file, f"{cluster_id}\n")

    def formed(self, marker: BootstrapMarker | None, problem: str) -> str:
        """Returns the id of the cluster that was confirmed; empty if none was."""
        if marker is not None and marker.formed:
            self.remember(marker.cluster_id)
            return marker.cluster_id
        if not problem:
            return ""
        return self._file.read_text().strip() if self._file.exists() else ""
