"""A cluster of modelled masters in a simulator, driven by HTTP calls alone."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from lab.simulator.client import Client
from lab.simulator.server import Simulator
from node.contract.desired import Member, Members, Retained
from node.contract.status import ReplicaStatus
from tests.waiting import until

BUCKET = "dev-lab-bucket"
ACCOUNT = "masters"
IMAGE = "projects/debian-cloud/global/images/family/debian-12"


class World:
    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.cloud = Client(simulator.url)
        self.account = f"{ACCOUNT}@lab-project.iam.gserviceaccount.com"

    def prepare(self) -> World:
        """Network, service account with its grants, bucket, one secret."""
        cloud = self.cloud
        cloud.made("global/networks", {"name": "dev", "autoCreateSubnetworks": False})
        network = "projects/lab-project/global/networks/dev"
        subnet = {"name": "dev", "ipCidrRange": "10.0.0.0/24", "network": network}
        cloud.made("regions/europe-west1/subnetworks", subnet)
        self._ok(cloud.post("/v1/projects/lab-project/serviceAccounts", {"accountId": ACCOUNT}))
        self._ok(
            cloud.post(
                "/storage/v1/b?project=lab-project",
                {"name": BUCKET, "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}},
            )
        )
        self.grant_bucket()
        self._ok(
            cloud.post("/v1/projects/lab-project/secrets?secretId=keys", {"replication": {"automatic": {}}})
        )
        self.add_secret(b'{"ca": "PEM"}')
        self.grant_secret()
        return self

    def grant_bucket(self) -> None:
        policy = self.cloud.get(f"/storage/v1/b/{BUCKET}/iam").body
        binding = {"role": "roles/storage.objectAdmin", "members": [f"serviceAccount:{self.account}"]}
        policy["bindings"] = [*policy.get("bindings", []), binding]
        self._ok(self.cloud.put(f"/storage/v1/b/{BUCKET}/iam", policy))

    def grant_secret(self) -> None:
        binding = {
            "role": "roles/secretmanager.secretAccessor",
            "members": [f"serviceAccount:{self.account}"],
        }
        policy = {"policy": {"bindings": [binding]}}
        self._ok(self.cloud.post("/v1/projects/lab-project/secrets/keys:setIamPolicy", policy))

    def add_secret(self, data: bytes) -> None:
        payload = {"payload": {"data": base64.b64encode(data).decode()}}
        self._ok(self.cloud.post("/v1/projects/lab-project/secrets/keys:addVersion", payload))

    # --- what Pulumi would do

    def ask(self, *names: str) -> None:
        """Write `members`."""
        members = [Member(name, self.address(name), f"europe-west1-{name[-1]}") for name in names]
        self._put("desired/members.json", Members("dev", tuple(members)).to_json())

    def release(self, *names: str) -> None:
        self._put("desired/retained.json", Retained("dev", names).to_json())

    def address(self, name: str) -> str:
        return f"10.0.0.{10 + int(name[1])}"

    def disk(self, name: str) -> None:
        self.cloud.made(f"zones/{self.zone(name)}/disks", {"name": f"dev-{name}-data", "sizeGb": "10"})

    def vm(self, name: str, *, secret: str = "keys/versions/1", **metadata: str) -> None:  # noqa: S107
        zone = self.zone(name)
        items = {
            "cluster-name": "dev",
            "replica": name,
            "bucket": BUCKET,
            "secret": f"projects/lab-project/secrets/{secret}",
            "config-hash": "one",
        } | metadata
        data = {
            "source": f"projects/lab-project/zones/{zone}/disks/dev-{name}-data",
            "deviceName": "etcd-data",
        }
        self.cloud.made(
            f"zones/{zone}/instances",
            {
                "name": f"dev-{name}",
                "machineType": f"zones/{zone}/machineTypes/e2-standard-2",
                "disks": [
                    {"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}},
                    data,
                ],
                "networkInterfaces": [
                    {
                        "subnetwork": "projects/lab-project/regions/europe-west1/subnetworks/dev",
                        "networkIP": self.address(name),
                    }
                ],
                "serviceAccounts": [{"email": self.account, "scopes": ["cloud-platform"]}],
                "metadata": {"items": [{"key": key, "value": value} for key, value in items.items()]},
            },
        )

    def create(self, *names: str) -> None:
        for name in names:
            self.disk(name)
            self.vm(name)

    def destroy(self, *names: str) -> None:
        for name in names:
            self.delete_vm(name)
            self.delete_disk(name)

    def delete_vm(self, name: str) -> None:
        self._ok(self.cloud.delete(f"zones/{self.zone(name)}/instances/dev-{name}"))

    def delete_disk(self, name: str) -> None:
        self._ok(self.cloud.delete(f"zones/{self.zone(name)}/disks/dev-{name}-data"))

    def zone(self, name: str) -> str:
        return f"europe-west1-{name[-1]}"

    def fault(self, name: str, kind: str, **more: Any) -> None:
        self._ok(self.cloud.post(f"/lab/v1/guests/dev-{name}/fault", {"kind": kind} | more))

    def pace(self, **seconds: float) -> None:
        """All else takes what the profile says."""
        self._ok(self.cloud.put("/lab/v1/guests/pace", seconds))

    # --- what is seen

    def status(self, name: str) -> ReplicaStatus | None:
        path = f"/storage/v1/b/{BUCKET}/o/{quote(f'status/{name}.json', safe='')}?alt=media"
        reply = self.cloud.get(path)
        return ReplicaStatus.parse(json.dumps(reply.body)) if reply.status == 200 else None

    def facts(self) -> dict[str, Any]:
        return dict(self.cloud.get("/lab/v1/guests")["clusters"].get(BUCKET, {}))

    def until(self, what: Callable[[], object], seconds: float = 10.0) -> float:
        """Wait until `what` holds; the seconds that it took."""

        def holds() -> bool:
            with suppress(AttributeError, KeyError):  # Not there yet.
                return bool(what())
            return False

        began = time.monotonic()
        until("what the test says", holds, seconds, self.facts)
        return time.monotonic() - began

    def serving(self, *names: str) -> float:
        def serve() -> bool:
            facts = self.facts()
            return bool(facts["voters"] == facts["serving"] == sorted(names) and not facts["learners"])

        return self.until(serve)

    def journal(self) -> list[dict[str, Any]]:
        return [entry for entry in self.cloud.journal() if "guestModel" in entry.get("facts", {})]

    def _put(self, name: str, text: str) -> None:
        path = f"/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name={quote(name, safe='')}"
        self._ok(self.cloud.post(path, json.loads(text)))

    def _ok(self, reply: Any) -> None:
        assert reply.status < 300, (reply.status, reply.body)
