"""gcloud itself against the simulator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.simulator.client import Client
from lab.simulator.server import Simulator

GCLOUD = shutil.which("gcloud")
pytestmark = [pytest.mark.gcloud, pytest.mark.skipif(GCLOUD is None, reason="gcloud isn't installed")]
REGION, ZONE = "regions/europe-west1", "zones/europe-west1-b"
Gcloud = Callable[..., Any]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One replica behind a load balancer."""
    with Simulator(tmp_path_factory.mktemp("simulator"), project="p1") as running:
        running.lab.health_source = lambda _instance, _behind: "HEALTHY"
        client = Client(running.url, project="p1")
        client.made("global/networks", {"name": "n", "autoCreateSubnetworks": False})
        subnet = {"name": "s", "network": "global/networks/n", "ipCidrRange": "10.0.0.0/24"}
        client.made(f"{REGION}/subnetworks", subnet)
        client.made(f"{REGION}/addresses", {"name": "api"})
        image = "projects/debian-cloud/global/images/family/debian-12"
        for name in ("m1-b", "m2-b"):
            vm = {
                "name": name,
                "machineType": f"{ZONE}/machineTypes/e2-medium",
                "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": image}}],
                "networkInterfaces": [{"subnetwork": f"{REGION}/subnetworks/s"}],
            }
            client.made(f"{ZONE}/instances", vm)
        check = {"name": "hc", "type": "HTTPS", "httpsHealthCheck": {"port": 443, "requestPath": "/readyz"}}
        client.made(f"{REGION}/healthChecks", check)
        client.made(f"{ZONE}/instanceGroups", {"name": "ig"})
        member = {"instances": [{"instance": f"{ZONE}/instances/m1-b"}]}
        client.post(f"{ZONE}/instanceGroups/ig/addInstances", member)
        backends = [{"group": f"{ZONE}/instanceGroups/ig", "balancingMode": "CONNECTION"}]
        service = {"name": "bs", "healthChecks": [f"{REGION}/healthChecks/hc"], "backends": backends}
        client.made(f"{REGION}/backendServices", service)
        rule = {"name": "api", "IPAddress": f"{REGION}/addresses/api", "portRange": "443"}
        client.made(f"{REGION}/forwardingRules", rule | {"backendService": f"{REGION}/backendServices/bs"})
        yield client


@pytest.fixture(scope="module")
def gcloud(cloud: Client, tmp_path_factory: pytest.TempPathFactory) -> Gcloud:
    """`gcloud("instances", "list")` gives the parsed JSON."""
    folder: Path = tmp_path_factory.mktemp("gcloud")
    (folder / "token").write_text("lab-owner@lab\n")
    environment = os.environ | {
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE": f"{cloud.url}/compute/v1/",
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(folder / "token"),
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
        "CLOUDSDK_CONFIG": str(folder),
        "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "CLOUDSDK_CORE_PROJECT": "p1",
    }

    def run(*arguments: str) -> Any:
        command = [str(GCLOUD), "compute", *arguments, "--format=json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")

    return run


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        pytest.param(["instances", "list"], ["m1-b", "m2-b"], id="instances"),
        pytest.param(["instances", "list", "--filter=name=m1-b"], ["m1-b"], id="filtered"),
        pytest.param(["addresses", "list"], ["api"], id="addresses"),
        pytest.param(["forwarding-rules", "list"], ["api"], id="forwarding rules"),
        pytest.param(["disks", "list"], ["m1-b", "m2-b"], id="disks"),
        pytest.param(["instance-groups", "unmanaged", "list"], ["ig"], id="groups"),
    ],
)
def test_lists(gcloud: Gcloud, arguments: list[str], names: list[str]) -> None:
    assert [item["name"] for item in gcloud(*arguments)] == names


def test_operations_list(gcloud: Gcloud) -> None:
    assert {"insert"} <= {item["operationType"] for item in gcloud("operations", "list")}


def test_health(gcloud: Gcloud) -> None:
    (row,) = gcloud("backend-services", "get-health", "bs", "--region=europe-west1")
    assert row["status"]["healthStatus"][0]["healthState"] == "HEALTHY"


def test_describe(gcloud: Gcloud) -> None:
    found = gcloud("forwarding-rules", "describe", "api", "--region=europe-west1")
    assert (found["IPAddress"], found["portRange"]) == ("203.0.113.2", "443-443")


def test_stop_start_delete(gcloud: Gcloud) -> None:
    zone = "--zone=europe-west1-b"
    gcloud("instances", "stop", "m2-b", zone)
    assert gcloud("instances", "describe", "m2-b", zone)["status"] == "TERMINATED"
    gcloud("instances", "start", "m2-b", zone)
    assert gcloud("instances", "describe", "m2-b", zone)["status"] == "RUNNING"
    gcloud("instances", "delete", "m2-b", zone)
    assert [item["name"] for item in gcloud("instances", "list")] == ["m1-b"]


def test_a_fingerprint_in_the_url_safe_alphabet(gcloud: Gcloud) -> None:
    gcloud("instances", "add-tags", "m1-b", "--zone=europe-west1-b", "--tags=master")
    gcloud("instances", "add-tags", "m1-b", "--zone=europe-west1-b", "--tags=api")
    assert gcloud("instances", "describe", "m1-b", "--zone=europe-west1-b")["tags"]["items"] == [
        "api",
        "master",
    ]
