"""A project with one network, as a test's few calls make it, and waiting."""

from __future__ import annotations

from typing import Any, TypeVar

from lab.simulator.client import Client

T = TypeVar("T")
REGION = "regions/europe-west1"
ZONE = "zones/europe-west1-b"
IMAGE = "projects/debian-cloud/global/images/debian-12-bookworm-v20251014"
ACCOUNT = "master@lab-project.iam.gserviceaccount.com"


class Project:
    def __init__(self, url: str) -> None:
        self.api = Client(url)

    def network(self) -> None:
        """And the service account that VMs have."""
        self.api.made("global/networks", {"name": "n", "autoCreateSubnetworks": False})
        body = {"name": "n", "network": "global/networks/n", "ipCidrRange": "10.0.0.0/24"}
        pods = {"rangeName": "pods", "ipCidrRange": "10.64.0.0/16"}
        self.api.made(f"{REGION}/subnetworks", body | {"secondaryIpRanges": [pods]})
        reply = self.api.post(
            "/v1/projects/lab-project/serviceAccounts", {"accountId": ACCOUNT.partition("@")[0]}
        )
        assert reply.status == 200, reply.message

    def vm(self, name: str, *, data_gb: int = 0, **more: Any) -> dict[str, Any]:
        """The instance, as the API shows it; with a data disk if it has a size."""
        disks: list[dict[str, Any]] = [
            {"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}}
        ]
        if data_gb:
            disk = {"name": f"{name}-data", "sizeGb": str(data_gb), "type": f"{ZONE}/diskTypes/pd-ssd"}
            self.api.made(f"{ZONE}/disks", disk)
            disks.append({"source": f"{ZONE}/disks/{name}-data", "deviceName": "data"})
        body: dict[str, Any] = {
            "name": name,
            "machineType": f"{ZONE}/machineTypes/e2-medium",
            "disks": disks,
            "networkInterfaces": [
                {
                    "subnetwork": f"{REGION}/subnetworks/n",
                    "aliasIpRanges": [{"ipCidrRange": "/24", "subnetworkRangeName": "pods"}],
                }
            ],
            "tags": {"items": ["master"]},
            "serviceAccounts": [
                {"email": ACCOUNT, "scopes": ["https://www.googleapis.com/auth/cloud-platform"]}
            ],
            "metadata": {"items": [{"key": "greeting", "value": "good day"}]},
        }
        return self.api.made(f"{ZONE}/instances", body | more)

    def pool(self, name: str, size: int) -> None:
        """A managed group of this name and size, whose VMs let each other in."""
        properties = {
            "machineType": "e2-medium",
            "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}}],
            "networkInterfaces": [
                {
                    "subnetwork": f"{REGION}/subnetworks/n",
                    "aliasIpRanges": [{"ipCidrRange": "/24", "subnetworkRangeName": "pods"}],
                }
            ],
        }
        allowed = {"allowed": [{"IPProtocol": "all"}], "sourceRanges": ["10.0.0.0/8"]}
        self.api.made("global/firewalls", {"name": "n", "network": "global/networks/n"} | allowed)
        self.api.made(f"{REGION}/instanceTemplates", {"name": name, "properties": properties})
        version = {"instanceTemplate": f"{REGION}/instanceTemplates/{name}"}
        self.api.made(
            f"{ZONE}/instanceGroupManagers", {"name": name, "targetSize": size, "versions": [version]}
        )

    def status(self, name: str) -> str:
        """Empty for an instance that is gone."""
        return str(self.api.get(f"{ZONE}/instances/{name}").body.get("status", ""))

    def order(self, name: str, what: str) -> str:
        """`start`, `stop`, `reset`, or `delete`; the operation's name."""
        path = f"{ZONE}/instances/{name}"
        reply = self.api.delete(path) if what == "delete" else self.api.post(f"{path}/{what}")
        assert reply.status == 200, reply.message
        return str(reply["name"])

    def done(self, operation: str) -> bool:
        return bool(self.api.get(f"{ZONE}/operations/{operation}")["status"] == "DONE")

    def machines(self) -> dict[str, dict[str, int]]:
        """Those that are on."""
        return dict(self.api.get("/lab/v1/machines")["machines"])

    def fault(self, name: str, **spec: Any) -> tuple[int, Any]:
        reply = self.api.post(f"/lab/v1/machines/{name}/fault", spec)
        return reply.status, reply.body.get("error")
