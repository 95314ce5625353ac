"""What a VM is told of itself: the document, and the server that gives it out."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from lab.machines import metadata
from lab.machines.metadata_server import MetadataServer
from lab.network.topology_reader import read
from lab.simulator.server import Simulator
from tests.lab.machines.cloud import ACCOUNT, REGION, ZONE, Project
from tests.waiting import until

ROOT = "computeMetadata/v1"
LAB_OWN = {"storage-endpoint": "http://199.36.153.8", "greeting": "the VM's own comes first"}


@dataclass
class Desk:
    """The metadata server on loopback. Who asks stands in a header, where a VM has its address."""

    simulator: Simulator
    project: Project
    url: str

    def ask(
        self, path: str, *, by: str = "10.0.0.2", flavor: str = "Google", **headers: str
    ) -> requests.Response:
        headers = {"x-asker": by} | ({"Metadata-Flavor": flavor} if flavor else {}) | headers
        return requests.get(f"{self.url}/{path}", headers=headers, timeout=20)

    def text(self, path: str) -> str:
        reply = self.ask(f"{ROOT}/{path}")
        assert reply.status_code == 200, reply.text
        return reply.text

    def document(self, name: str) -> dict[str, Any]:
        lab = self.simulator.lab
        instance = next(doc for _, doc in lab.store.list("instances") if doc["name"] == name)
        return metadata.document(lab, read(lab.store), instance, LAB_OWN)

    def say(self, greeting: str) -> None:
        path = f"{ZONE}/instances/m1"
        fingerprint = self.project.api.get(path)["metadata"]["fingerprint"]
        items = [{"key": "greeting", "value": greeting}]
        reply = self.project.api.post(f"{path}/setMetadata", {"fingerprint": fingerprint, "items": items})
        assert reply.status == 200, reply.message

    def address(self, name: str) -> str:
        return str(self.project.api.made(f"{REGION}/addresses", {"name": name})["address"])


def asked_by_header(app: ASGIApp) -> ASGIApp:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["client"] = (dict(scope["headers"])[b"x-asker"].decode(), 1)
        await app(scope, receive, send)

    return inner


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Simulator(tmp_path) as simulator:
        project = Project(simulator.url)
        project.network()
        project.vm("m1", data_gb=10)
        served = MetadataServer(simulator.lab, LAB_OWN)
        config = uvicorn.Config(asked_by_header(served.app), port=0, log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        until("the metadata server", lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Desk(simulator, project, f"http://127.0.0.1:{port}")
        served.stop()
        server.should_exit = True
        thread.join(10)


def test_the_document_says_what_the_instance_is(desk: Desk) -> None:
    found = desk.document("m1")["instance"]
    assert found["name"] == "m1"
    assert found["hostname"] == "m1.europe-west1-b.c.lab-project.internal"
    assert found["zone"].endswith("/zones/europe-west1-b")
    assert found["machineType"].endswith("/machineTypes/e2-medium")
    assert found["tags"] == ["master"]
    assert [disk["deviceName"] for disk in found["disks"]][1:] == ["data"]
    nic = found["networkInterfaces"][0]
    assert (nic["ip"], nic["gateway"], nic["mac"]) == ("10.0.0.2", "10.0.0.1", "42:01:0a:00:00:02")
    assert [alias.rpartition("/")[2] for alias in nic["ipAliases"]] == ["24"]
    assert (nic["forwardedIps"], nic["targetInstanceIps"], nic["accessConfigs"]) == ([], [], [])


def test_attributes_are_the_labs_and_over_them_the_vms(desk: Desk) -> None:
    assert desk.document("m1")["instance"]["attributes"] == {
        "storage-endpoint": "http://199.36.153.8",
        "greeting": "good day",
    }


def test_a_rule_to_a_target_instance_is_one_kind_of_address(desk: Desk) -> None:
    address = desk.address("api")
    desk.project.api.made(f"{ZONE}/targetInstances", {"name": "m1", "instance": f"{ZONE}/instances/m1"})
    rule = {"name": "api", "IPAddress": address, "portRange": "443", "target": f"{ZONE}/targetInstances/m1"}
    desk.project.api.made(f"{REGION}/forwardingRules", rule)
    nic = desk.document("m1")["instance"]["networkInterfaces"][0]
    assert (nic["forwardedIps"], nic["targetInstanceIps"]) == ([], [address])


def test_a_load_balancers_address_is_the_other_kind(desk: Desk) -> None:
    address = desk.address("api")
    api = desk.project.api
    api.made(f"{REGION}/healthChecks", {"name": "hc", "type": "TCP", "tcpHealthCheck": {"port": 443}})
    api.made(f"{ZONE}/instanceGroups", {"name": "ig"})
    body = {"instances": [{"instance": f"{ZONE}/instances/m1"}]}
    assert api.post(f"{ZONE}/instanceGroups/ig/addInstances", body).status == 200
    service = {"name": "bs", "healthChecks": [f"{REGION}/healthChecks/hc"], "protocol": "TCP"}
    service |= {"backends": [{"group": f"{ZONE}/instanceGroups/ig"}], "loadBalancingScheme": "EXTERNAL"}
    api.made(f"{REGION}/backendServices", service)
    rule = {"name": "api", "IPAddress": address, "portRange": "443"}
    api.made(f"{REGION}/forwardingRules", rule | {"backendService": f"{REGION}/backendServices/bs"})
    nic = desk.document("m1")["instance"]["networkInterfaces"][0]
    assert (nic["forwardedIps"], nic["targetInstanceIps"]) == ([address], [])


def test_no_key_or_token_is_in_the_document(desk: Desk) -> None:
    assert "access_token" not in str(desk.document("m1"))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("instance/name", "m1", id="a value"),
        pytest.param("instance/attributes/greeting", "good day", id="an attribute"),
        pytest.param(
            "instance/attributes/storage-endpoint", "http://199.36.153.8", id="an attribute with a dash"
        ),
        pytest.param("instance/network-interfaces/0/ip", "10.0.0.2", id="names in paths have dashes"),
        pytest.param("instance/network-interfaces/", "0/\n", id="a list"),
        pytest.param("project/project-id", "lab-project", id="of the project"),
        pytest.param("instance/service-accounts/default/email", ACCOUNT, id="the default account"),
        pytest.param("instance/attributes/", "greeting\nstorage-endpoint\n", id="a folder"),
    ],
)
def test_paths(desk: Desk, path: str, text: str) -> None:
    assert desk.text(path) == text


def test_recursive_is_the_document(desk: Desk) -> None:
    shown = desk.ask(f"{ROOT}/?recursive=true")
    assert shown.json() == desk.document("m1")
    assert shown.headers["Metadata-Flavor"] == "Google"
    assert shown.headers["ETag"]


def test_a_token_is_of_the_vms_account(desk: Desk) -> None:
    token = desk.ask(f"{ROOT}/instance/service-accounts/default/token").json()
    assert token["token_type"] == "Bearer"
    assert token["access_token"].endswith(ACCOUNT)
    assert token["expires_in"] > 0


def test_an_identity_is_signed_for_the_vm_that_asks(desk: Desk) -> None:
    asked = f"{ROOT}/instance/service-accounts/default/identity?audience=a&format=full"
    payload = desk.ask(asked).text.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["google"]["compute_engine"]["instance_name"] == "m1"


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        pytest.param(f"{ROOT}/instance/name", {"flavor": ""}, 403, id="without the header"),
        pytest.param(f"{ROOT}/instance/name", {"X-Forwarded-For": "10.0.0.9"}, 403, id="through a proxy"),
        pytest.param(f"{ROOT}/instance/name", {"by": "10.0.0.77"}, 404, id="from no VM"),
        pytest.param(f"{ROOT}/instance/nothing", {}, 404, id="no such path"),
        pytest.param(f"{ROOT}/instance/attributes/nothing", {}, 404, id="no such attribute"),
        pytest.param(f"{ROOT}/instance/name/more", {}, 404, id="below a value"),
        pytest.param(f"{ROOT}/instance/disks/9", {}, 404, id="past the end"),
        pytest.param(f"{ROOT}/instance/name?timeout_sec=soon", {}, 400, id="a time that is none"),
        pytest.param(
            f"{ROOT}/instance/service-accounts/default/identity", {}, 400, id="an identity for nobody"
        ),
        pytest.param("0.1/meta-data/", {}, 404, id="an old tree"),
    ],
)
def test_refused(desk: Desk, path: str, asked: dict[str, str], status: int) -> None:
    assert desk.ask(path, **asked).status_code == status


def test_each_vm_is_told_of_itself(desk: Desk) -> None:
    desk.project.vm("m2")
    assert desk.ask(f"{ROOT}/instance/name", by="10.0.0.3").text == "m2"


def test_a_change_is_told_to_who_waits(desk: Desk) -> None:
    path = f"{ROOT}/instance/attributes/greeting"
    before = desk.ask(path).headers["ETag"]
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(desk.ask, f"{path}?wait_for_change=true&timeout_sec=15&last_etag={before}")
        time.sleep(0.2)
        assert not waiting.done()
        desk.say("good night")
        told = waiting.result(10)
    assert told.text == "good night"
    assert told.headers["ETag"] != before


def test_a_change_elsewhere_wakes_nobody(desk: Desk) -> None:
    path = f"{ROOT}/instance/attributes/greeting"
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(desk.ask, f"{path}?wait_for_change=true&timeout_sec=15")
        time.sleep(0.2)
        desk.project.vm("m2")
        time.sleep(0.2)
        assert not waiting.done()
        desk.say("good night")
        assert waiting.result(10).text == "good night"


def test_what_changed_before_the_question_is_told_at_once(desk: Desk) -> None:
    path = f"{ROOT}/instance/attributes/greeting"
    before = desk.ask(path).headers["ETag"]
    desk.say("good night")
    began = time.monotonic()
    assert desk.ask(f"{path}?wait_for_change=true&timeout_sec=15&last_etag={before}").text == "good night"
    assert time.monotonic() - began < 5


def test_waiting_ends_with_its_time(desk: Desk) -> None:
    began = time.monotonic()
    assert desk.ask(f"{ROOT}/instance/name?wait_for_change=true&timeout_sec=1").text == "m1"
    assert 0.9 < time.monotonic() - began < 5
