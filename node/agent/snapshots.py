"""etcd's database into the bucket: before each change of membership, and every `backupIntervalSeconds`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from node.agent.gateway import Gateway
from node.bootstrap.storage import Bucket
from node.bootstrap.write import under
from node.manifests import paths
from node.manifests.machine import Machine

PREFIX = "snapshots/"


class Snapshots:
    """`due` asks the bucket once how old the newest is, and remembers from then on."""

    def __init__(self, bucket: Bucket, root: Path) -> None:
        self._bucket, self._folder = bucket, under(root, paths.STATE)
        self._newest: float | None = None

    def due(self, machine: Machine, now: float) -> bool:
        if self._newest is None:
            ages = [item.age_seconds for item in self._bucket.list(PREFIX)]
            self._newest = now - min(ages) if ages else float("-inf")
        return now - self._newest >= machine.config.backup_interval_seconds

    def take(self, machine: Machine, gateway: Gateway, revision: int, now: float) -> str:
        """The object's name. Nothing is in the bucket that isn't whole. Raises EtcdError, WebError or OSError."""
        name = f"{PREFIX}{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}-{revision}-{machine.replica}.db"
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._folder) as file:
            gateway.snapshot(machine.address, file)
            file.seek(0)
            self._bucket.write(name, file)
        self._newest = now
        return name
