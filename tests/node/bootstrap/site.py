"""A machine that is a folder: its bucket, secret and metadata are real enough, its programs only remember their calls."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from lab.simulator.client import Client
from node.contract.fields import Fields
from node.contract.machine_config import Artifacts
from node.contract.secret_files import NEEDED
from node.host import disk, paths
from node.host.bucket import Bucket
from node.host.commands import MachineError
from node.host.files import under
from node.host.metadata_server import Metadata
from tests.node.bootstrap.metadata_server import MetadataServer
from tests.node.manifests.machines import WORKER_CONFIG
from tests.node.manifests.test_manifests import PLAIN

BUCKET = "dev-bucket"
KUBELET = b"#!/bin/true\n"
IMAGE = b"an archive"


class Programs:
    """`kind` is the filesystem that blkid finds."""

    def __init__(self, root: Path, kind: str = "") -> None:
        self._root, self._kind = root, kind
        self.calls: list[str] = []
        self.failing = ""
        self.agent_runs = False

    def run(self, *command: str, allow: tuple[int, ...] = (), seconds: float = 0) -> tuple[int, str]:
        line = " ".join(command).replace(str(self._root), "")
        self.calls.append(line)
        if self.failing and self.failing in line:
            raise MachineError(f"`{line}` failed")
        if "is-active" in command:
            return (0 if self.agent_runs else 3), ""
        if command[0] == "blkid":
            return (0, f"{self._kind}\n") if self._kind else (2, "")
        if command[0] == "mkfs.ext4":
            self._kind = "ext4"
        if command[-1] == disk.UNIT:
            under(self._root, paths.DATA_DISK).mkdir(parents=True, exist_ok=True)
            under(self._root, "/proc/mounts").write_text(f"/dev/sdb {paths.DATA_DISK} ext4 rw 0 0\n")
        return 0, ""

    def taken(self) -> list[str]:
        """The calls since the last time that this was asked."""
        calls, self.calls = self.calls, []
        return calls


def a_root(folder: Path) -> Path:
    under(folder, "/proc").mkdir(parents=True)
    under(folder, "/proc/mounts").write_text("proc /proc proc rw 0 0\n")
    device = under(folder, disk.DEVICE)
    device.parent.mkdir(parents=True)
    device.write_bytes(bytes(1 << 16))
    return folder


class Cloud:
    """Bucket, secret and mirror in the lab's simulator, and the metadata that lead there."""

    def __init__(self, url: str) -> None:
        self._client = Client(url)
        self.url = url
        self._ok("/storage/v1/b?project=lab-project", {"name": BUCKET})
        self._ok("/v1/projects/lab-project/secrets?secretId=keys", {"replication": {"automatic": {}}})
        self.bucket = Bucket(url, BUCKET, _Owner("http://127.0.0.1:1"))
        self.bucket.write("mirror/kubelet", KUBELET)
        self.bucket.write("mirror/etcd.tar", IMAGE)
        self.metadata = MetadataServer(
            {
                "cluster-name": "dev",
                "replica": "m1-b",
                "bucket": BUCKET,
                "api-address": "203.0.113.10",
                "secret": self.add_secret({name: f"content of {name}" for name in NEEDED}),
                "config-hash": "hash",
                "machine-config": json.dumps(PLAIN | {"artifacts": artifacts()}),
                "storage-endpoint": url,
                "secretmanager-endpoint": url,
            }
        )

    def worker_metadata(self) -> MetadataServer:
        """Those of a worker: neither a replica nor a secret."""
        config = replace(WORKER_CONFIG, artifacts=Artifacts.read(Fields("artifacts", artifacts())))
        return MetadataServer(
            {
                "cluster-name": "dev",
                "bucket": BUCKET,
                "worker-config": config.to_text(),
                "cluster-ca": "-----BEGIN CERTIFICATE-----",
                "storage-endpoint": self.url,
            }
        )

    def add_secret(self, files: dict[str, str]) -> str:
        data = base64.b64encode(json.dumps(files).encode()).decode()
        path = "/v1/projects/lab-project/secrets/keys:addVersion"
        return str(self._ok(path, {"payload": {"data": data}})["name"])

    def _ok(self, path: str, body: object) -> dict[str, object]:
        reply = self._client.post(path, body)
        assert reply.status == 200, reply.message
        return reply.body


class _Owner(Metadata):
    def authorization(self) -> dict[str, str]:
        return {"Authorization": "Bearer lab-owner@lab"}


def artifacts(kubelet: bytes = KUBELET) -> dict[str, object]:
    def sha256(data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()

    return {
        "mirror": f"gs://{BUCKET}/mirror",
        "binaries": [{"name": "kubelet", "path": "kubelet", "sha256": sha256(kubelet)}],
        "images": [{"name": "etcd", "image": "etcd:1", "path": "etcd.tar", "sha256": sha256(IMAGE)}],
    }
