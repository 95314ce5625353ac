"""Masters without machines: real etcd and agents, each in a folder and at an address of its own, and the lab's bucket."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab.simulator.client import Client
from lab.simulator.permissions import Permissions
from lab.simulator.server import Simulator
from node.agent.etcd.gateway import EtcdError, Gateway, client_context
from node.agent.kubernetes.local_apiserver import Host, LocalHost
from node.agent.loop import Agent
from node.contract.api_server import ApiServer
from node.contract.authorities import Authorities
from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.cloud_controller import CloudController
from node.contract.desired import Member, Members, Retained
from node.contract.machine_config import MachineConfig
from node.contract.metadata import Machine
from node.contract.restore import Restore
from node.contract.status import ReplicaStatus
from node.host import paths
from node.host.bucket import Bucket
from node.host.files import under, write
from node.host.metadata_server import Metadata
from node.planner.observed import Patience
from tests.node.agent.certificates import EtcdTrust
from tests.node.agent.kubelet import Kubelet, PretendedHost
from tests.node.agent.namespace import network

BUCKET, ZONE = "dev-lab-bucket", "europe-west1-b"
API_ADDRESS = "203.0.113.10"
ADDRESSES = {f"m{number}-b": f"10.9.0.{number}" for number in range(1, 6)}
CONFIG = MachineConfig("1.36.3", "3.6.8", 2**28, 1800, 443, "10.64.0.0/14", "10.0.16.0/20", 3600, 10)
REAL_PROGRAMS = (
    pytest.mark.toolchain,
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace takes root"),
    pytest.mark.skipif(shutil.which("go") is None, reason="etcd and Kubernetes are built by Go"),
)
"""Marks of tests that run etcd, and perhaps Kubernetes, on a network of their own."""

PATIENCE = Patience(blip=2, learner=10, failed=4)


class Token(Metadata):
    def authorization(self) -> dict[str, str]:
        return {"Authorization": "Bearer lab-owner@lab"}


class Replica:
    """One master: its folder is its disks, `boot` and `power_cut` its machine."""

    def __init__(self, name: str, folder: Path, bucket: Bucket, trust: EtcdTrust, etcd: Path) -> None:
        number = name[1]
        self.name, self.root, self._bucket, self._etcd = name, folder / name, bucket, etcd
        self._boots = 0
        self._number = number
        self.address, self._loopback = ADDRESSES[name], f"127.0.0.{number}"
        for file, content in trust.files(
            name, [self.address, self._loopback], sorted(ADDRESSES.values())
        ).items():
            write(under(self.root, paths.secret(file)), content, 0o600)
        self.asked, self.config = ApiServer(), CONFIG
        self.authorities = Authorities()
        self.cloud: CloudController | None = None
        self._blank_disk()
        self._put_etcdutl(etcd.with_name("etcdutl"))

    @property
    def gateway(self) -> Gateway:
        return Gateway(client_context(under(self.root, paths.SECRETS)))

    def machine(self, config_hash: str = "hash") -> Machine:
        return Machine(
            cluster="dev",
            replica=self.name,
            zone=ZONE,
            instance_id=f"{self._number}{self._boots}",
            address=self.address,
            api_address=API_ADDRESS,
            bucket=BUCKET,
            secret="projects/p/secrets/s/versions/1",
            config_hash=config_hash,
            config=self.config,
            loopback=self._loopback,
            api_server=self.asked,
            authorities=self.authorities,
            cloud_controller=self.cloud,
        )

    def boot(self, programs: dict[str, Path] | None = None) -> Replica:
        """With `programs` for the whole control plane, its pods are real too; else they are pretended."""
        self._boots += 1
        self._kubelet = Kubelet(self.root, {"etcd": self._etcd, **(programs or {})})
        host: Host = LocalHost(self.root) if programs else PretendedHost(self._kubelet)
        self.lines: list[str] = []
        self.agent = Agent(
            self.machine(), self._bucket, root=self.root, host=host, patience=PATIENCE, say=self._hear
        )
        self._thread = threading.Thread(target=self.agent.run, daemon=True)
        self._thread.start()
        return self

    def _hear(self, line: str) -> None:
        self.lines.append(line)
        print(f"{time.monotonic():.1f} {line}")

    def restart(self, pod: str) -> None:
        self._kubelet.kill(pod)

    def freeze(self, pod: str, seconds: float) -> None:
        """As on a host that is too busy for it: the process stands still, and nobody is told."""
        self._kubelet.freeze(pod, seconds)

    def shut_down(self) -> None:
        """In order: the agent is told first, while etcd still runs."""
        self.agent.stop()
        self._thread.join(timeout=20)
        self.agent.leave(until=time.monotonic() + 20)
        self._kubelet.halt()

    def power_cut(self) -> None:
        self.agent.stop()
        self._kubelet.halt()
        self._thread.join(timeout=20)

    def new_disks(self) -> None:
        """Another machine under the same name: boot disk and data disk are both blank."""
        for path in (paths.MANIFESTS, paths.DATA_DISK, paths.STATE):
            shutil.rmtree(under(self.root, path), ignore_errors=True)
        self._blank_disk()

    def _put_etcdutl(self, program: Path) -> None:
        """Where the agent would have taken it out of the image to."""
        digest = hashlib.sha256(CONFIG.image("etcd").encode()).hexdigest()[:12]
        place = under(self.root, f"{paths.BINARIES}/etcdutl-{digest}")
        place.parent.mkdir(parents=True)
        place.symlink_to(program)

    def _blank_disk(self) -> None:
        under(self.root, paths.MANIFESTS).mkdir(parents=True)
        data = under(self.root, paths.ETCD_DATA)
        data.mkdir(parents=True)
        data.chmod(0o700)


class World:
    def __init__(self, simulator: Simulator, folder: Path, etcd: Path) -> None:
        self.cloud = Client(simulator.url)
        assert self.cloud.post("/storage/v1/b?project=lab-project", {"name": BUCKET}).status == 200
        self.bucket = Bucket(simulator.url, BUCKET, Token("http://127.0.0.1:1"))
        self._folder, self._trust, self._etcd = folder, EtcdTrust(), etcd
        self.replicas: dict[str, Replica] = {}

    def replica(self, name: str) -> Replica:
        if name not in self.replicas:
            self.replicas[name] = Replica(name, self._folder, self.bucket, self._trust, self._etcd)
        return self.replicas[name]

    def ask_for(self, *names: str) -> None:
        members = Members("dev", tuple(Member(name, ADDRESSES[name], ZONE) for name in names))
        self.bucket.write("desired/members.json", members.to_json().encode())

    def release_all_but(self, *names: str) -> None:
        self.bucket.write("desired/retained.json", Retained("dev", names).to_json().encode())

    def restore(self, request: str, founder: str, over: str = "") -> None:
        self.bucket.write("desired/restore.json", Restore("dev", request, founder, over).to_json().encode())

    def marker(self) -> BootstrapMarker:
        text = self.bucket.read("bootstrap.json")
        assert text is not None
        return BootstrapMarker.parse(text.content)

    def newest_snapshot(self) -> str:
        return max(self.bucket.list("snapshots/"), key=lambda each: int(each.generation)).name

    def status(self, name: str) -> ReplicaStatus | None:
        text = self.bucket.read(f"status/{name}.json")
        return ReplicaStatus.parse(text.content) if text else None

    def voters(self) -> set[str]:
        """Healthy voters of a cluster without anyone else, as the leader's status tells; nobody otherwise."""
        for name in self.replicas:
            status = self.status(name)
            if status and status.etcd and status.etcd.leader == name:
                members = status.etcd.members
                well = all(each.healthy and each.role == "voter" for each in members)
                return {each.name for each in members} if well else set()
        return set()

    def leader(self) -> str:
        statuses = (self.status(name) for name in self.replicas)
        return next((s.etcd.leader for s in statuses if s and s.etcd and s.etcd.leader == s.replica), "")

    def snapshots(self) -> int:
        return len(self.bucket.list("snapshots/"))

    def put(self, name: str, key: str, value: str) -> None:
        self._key_value(name, "put", {"key": _base64(key), "value": _base64(value)})

    def compact(self, name: str) -> None:
        """To the newest revision, and not only by name: what is free then can be given back."""
        newest = self._key_value(name, "range", {"key": _base64("any")})["header"]["revision"]
        self._key_value(name, "compaction", {"revision": newest, "physical": True})

    def get(self, name: str, key: str) -> str:
        return self.get_raw(name, key).decode()

    def get_raw(self, name: str, key: str) -> bytes:
        found = self._key_value(name, "range", {"key": _base64(key)}).get("kvs", [])
        return base64.b64decode(found[0]["value"]) if found else b""

    def wait(self, what: str, holds: Callable[[], Any], seconds: float = 300) -> None:
        """For as long as two busy cores may take, unless the time itself is what is tested."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if holds():
                    return
            except EtcdError:
                pass
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds:.0f} s until {what}\n{self._last_words()}")
            time.sleep(0.2)

    def end(self) -> None:
        for replica in self.replicas.values():
            replica.power_cut()

    def _last_words(self) -> str:
        words = []
        for replica in self.replicas.values():
            tail = ""
            for file in under(replica.root, paths.AUDIT_LOGS).glob("*.output"):
                tail += "\n".join([f"\n{file.name}:", *file.read_text().splitlines()[-6:]])
            words.append("\n".join([*replica.lines[-6:], str(self.status(replica.name)), tail]))
        return "\n\n".join(words)

    def _key_value(self, name: str, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        replica = self.replica(name)
        return replica.gateway._call(replica.address, f"kv/{verb}", body, 5)


@contextmanager
def alone(folder: Path, etcd: Path, permissions: Permissions | None = None) -> Iterator[World]:
    """A world on a network of its own, which has all masters' addresses and the API's, and ends with it. `permissions` are
    the project's.

    What runs in there is built before: no module is fetched from inside.
    """
    with network([*ADDRESSES.values(), API_ADDRESS]):
        simulator = Simulator(folder / "simulator", permissions=permissions).start()
        world = World(simulator, folder, etcd)
        try:
            yield world
        finally:
            world.end()
            simulator.stop()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
