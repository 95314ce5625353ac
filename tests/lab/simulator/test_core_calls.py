"""What holds for every call: schema, permissions, journal, faults, operations, restarts."""

from __future__ import annotations

import http.client
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.simulator.client import Client
from lab.simulator.clock import ManualClock
from lab.simulator.permissions import Permissions, permission_of
from lab.simulator.server import Simulator

NETWORK = {"name": "n", "autoCreateSubnetworks": False}
ADDRESSES = "regions/europe-west1/addresses"


@pytest.fixture
def cloud(simulator: Simulator) -> Client:
    return Client(simulator.url)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "text"),
    [
        pytest.param(
            "POST",
            "global/networks",
            {"name": "n", "colour": 1},
            400,
            "Invalid JSON payload received. Unknown name \"colour\" at 'resource': Cannot find field.",
            id="unknown field",
        ),
        pytest.param(
            "POST",
            "global/networks",
            {"name": "n", "routingConfig": {"x": 1}},
            400,
            "Unknown name \"x\" at 'resource.routingConfig'",
            id="unknown field inside",
        ),
        pytest.param(
            "POST",
            "global/networks",
            {"name": 7},
            400,
            "Invalid value at 'resource.name' (TYPE_STRING), 7",
            id="type",
        ),
        pytest.param(
            "POST",
            ADDRESSES,
            {"name": "a", "networkTier": "GOLD"},
            400,
            "Invalid value for field 'resource.networkTier': 'GOLD'.",
            id="enum",
        ),
        pytest.param(
            "GET",
            "global/networks?colour=1",
            None,
            400,
            'Unknown name "colour": Cannot bind query parameter.',
            id="unknown parameter",
        ),
        pytest.param(
            "POST", "global/networks", {}, 400, "Required field 'resource.name' not specified", id="required"
        ),
        pytest.param(
            "GET", "global/sslCertificates", None, 501, "compute.sslCertificates.list", id="not simulated"
        ),
        pytest.param("GET", "global/nonsense", None, 404, "Not Found", id="no such method"),
        pytest.param(
            "GET",
            "/compute/v1/projects/other/global/networks",
            None,
            404,
            "Failed to find project other",
            id="project",
        ),
        pytest.param("GET", "zones/mars-a/instances", None, 400, "Unknown zone.", id="zone"),
        pytest.param("GET", "regions/mars/addresses", None, 400, "Unknown region.", id="region"),
    ],
)
def test_what_the_schema_refuses(
    cloud: Client, method: str, path: str, body: Any, status: int, text: str
) -> None:
    reply = cloud.call(method, path, body)
    assert (reply.status, text in reply.message) == (status, True), reply.body


def test_beta_paths_are_served_by_the_same_handlers(cloud: Client) -> None:
    cloud.made("global/networks", NETWORK)
    assert cloud.get("/compute/beta/projects/lab-project/global/networks/n")["name"] == "n"


def test_fields_cuts_the_reply(cloud: Client) -> None:
    cloud.made("global/networks", NETWORK)
    assert cloud.get("global/networks?fields=items(name,mtu)").body == {"items": [{"name": "n", "mtu": 1460}]}


def test_the_journal_has_calls_facts_and_reasons(cloud: Client) -> None:
    cloud.made(ADDRESSES, {"name": "api"})
    cloud.post(ADDRESSES, {"name": "api"})
    made, _, refused = cloud.journal()
    assert made["resource"] == "projects/lab-project/regions/europe-west1/addresses/api"
    assert made["facts"]["addresses"] == {"api": {"status": "RESERVED", "users": []}}
    assert (refused["code"], refused["reason"], "facts" in refused) == (409, "alreadyExists", False)


def test_others_record_events_and_facts(simulator: Simulator, cloud: Client) -> None:
    simulator.lab.journal.add_fact_source("etcd", lambda: {"voters": 3})
    simulator.lab.journal.record("guest", {"phase": "serving"})
    entry = cloud.journal()[-1]
    assert (entry["kind"], entry["phase"], entry["facts"]["etcd"]) == ("guest", "serving", {"voters": 3})


def test_secrets_are_redacted(cloud: Client) -> None:
    cloud.post("/v1/projects/lab-project/secrets?secretId=s", {"replication": {"automatic": {}}})
    cloud.post("/v1/projects/lab-project/secrets/s:addVersion", {"payload": {"data": "aHVzaA=="}})
    assert "aHVzaA" not in str(cloud.journal())


class TestFaults:
    def test_an_http_error_fires_once(self, cloud: Client) -> None:
        cloud.fault(
            method="compute.networks.insert",
            action={"type": "http_error", "code": 503, "reason": "backendError", "message": "later"},
        )
        first, second = cloud.post("global/networks", NETWORK), cloud.post("global/networks", NETWORK)
        assert (first.status, first.reason, second.status) == (503, "backendError", 200)

    def test_the_nth_call_of_a_resource(self, cloud: Client) -> None:
        cloud.fault(
            method="compute.addresses.*", resource="/b$", nth=2, action={"type": "http_error", "code": 500}
        )
        codes = [cloud.post(ADDRESSES, {"name": name}).status for name in ("a", "b", "c")]
        assert [*codes, cloud.get(f"{ADDRESSES}/b").status] == [200, 200, 200, 500]

    def test_others_calls_are_not_counted(self, cloud: Client) -> None:
        """Masters write objects beside the engine, whose second object is meant."""
        failure = {"type": "http_error", "code": 500}
        cloud.fault(method="compute.addresses.insert", by="owner@lab", nth=2, action=failure)
        other = Client(cloud.url, token="lab-owner")
        who = (cloud, other, other, cloud)
        codes = [each.post(ADDRESSES, {"name": f"a{nth}"}).status for nth, each in enumerate(who)]
        assert codes == [200, 200, 200, 500]

    def test_an_operation_that_fails_has_no_effect(self, cloud: Client) -> None:
        action = {"type": "op_error", "code": "ZONE_RESOURCE_POOL_EXHAUSTED", "message": "none left"}
        cloud.fault(method="compute.addresses.insert", action=action)
        operation = cloud.post(ADDRESSES, {"name": "a"})
        assert operation["error"]["errors"] == [{"code": action["code"], "message": "none left"}]
        assert cloud.get(f"{ADDRESSES}/a").status == 404

    def test_a_lost_reply_leaves_the_effect(self, cloud: Client) -> None:
        cloud.fault(method="compute.addresses.insert", action={"type": "timeout_after_effect"})
        with pytest.raises((urllib.error.URLError, http.client.HTTPException, ConnectionError)):
            cloud.post(ADDRESSES, {"name": "a"})
        assert cloud.get(f"{ADDRESSES}/a").status == 200

    def test_503_after_the_effect(self, cloud: Client) -> None:
        cloud.fault(method="compute.addresses.insert", action={"type": "timeout_after_effect", "how": "503"})
        assert cloud.post(ADDRESSES, {"name": "a"}).status == 503
        assert cloud.get(f"{ADDRESSES}/a").status == 200

    def test_a_process_is_killed_after_the_effect(self, cloud: Client) -> None:
        with subprocess.Popen(["sleep", "60"]) as victim:
            cloud.fault(method="compute.addresses.insert", action={"type": "kill_pid", "pid": victim.pid})
            cloud.post(ADDRESSES, {"name": "a"})
            assert victim.wait(5) == -9
        assert cloud.get(f"{ADDRESSES}/a").status == 200

    def test_a_process_group_is_signalled_after_the_effect(self, cloud: Client) -> None:
        with subprocess.Popen(["sleep", "60"], start_new_session=True) as victim:
            action = {"type": "signal", "group": victim.pid, "signal": "SIGINT"}
            cloud.fault(method="compute.addresses.insert", action=action)
            cloud.post(ADDRESSES, {"name": "a"})
            assert victim.wait(5) == -signal.SIGINT
        assert cloud.get(f"{ADDRESSES}/a").status == 200

    @pytest.mark.parametrize(
        "action",
        [
            pytest.param({"group": 0, "signal": "SIGINT"}, id="our own group"),
            pytest.param({"group": 4711, "signal": "ctrl-c"}, id="no signal's name"),
        ],
    )
    def test_nobody_is_signalled_by_mistake(self, cloud: Client, action: dict[str, Any]) -> None:
        assert cloud.post("/lab/v1/faults", {"action": {"type": "signal", **action}}).status == 400

    def test_a_delay_holds_the_operation(self, cloud: Client) -> None:
        cloud.fault(method="compute.addresses.insert", action={"type": "delay", "seconds": 0.3})
        operation = cloud.post(ADDRESSES, {"name": "a"}).body
        assert operation["status"] == "RUNNING"
        path = operation["selfLink"].split("/projects/lab-project/")[1]
        assert cloud.post(f"{path}/wait")["status"] == "DONE"

    def test_nonsense_is_refused(self, cloud: Client) -> None:
        assert cloud.post("/lab/v1/faults", {"action": {"type": "sing"}}).status == 400


class TestPermissions:
    @pytest.fixture
    def url(self, tmp_path: Path) -> Iterator[str]:
        rules = Permissions({"principals": {"viewer@example.com": ["roles/viewer"]}})
        with Simulator(tmp_path, permissions=rules) as running:
            yield running.url

    def test_a_reader_reads(self, url: str) -> None:
        assert Client(url, token="lab-viewer@example.com").get("global/networks").status == 200

    def test_a_reader_creates_nothing(self, url: str) -> None:
        reply = Client(url, token="lab-viewer@example.com").post(
            "zones/europe-west1-b/instances", {"name": "m1"}
        )
        where = "projects/lab-project/zones/europe-west1-b/instances/m1"
        assert (reply.status, reply.reason) == (403, "forbidden")
        assert reply.message == f"Required 'compute.instances.create' permission for '{where}'"

    def test_a_service_account_has_nothing_by_itself(self, url: str) -> None:
        token = "lab-serviceAccount:m@lab-project.iam.gserviceaccount.com"
        assert Client(url, token=token).get("global/networks").status == 403

    @pytest.mark.parametrize(
        ("method_id", "permission"),
        [
            ("compute.instances.insert", "compute.instances.create"),
            ("compute.instances.aggregatedList", "compute.instances.list"),
            ("compute.forwardingRules.setTarget", "compute.forwardingRules.setTarget"),
            ("secretmanager.projects.secrets.versions.access", "secretmanager.versions.access"),
            ("storage.objects.insert", "storage.objects.create"),
            ("compute.regionInstanceTemplates.insert", "compute.instanceTemplates.create"),
            ("compute.instanceGroupManagers.createInstances", "compute.instanceGroupManagers.update"),
            ("compute.instanceGroupManagers.listManagedInstances", "compute.instanceGroupManagers.get"),
        ],
    )
    def test_permissions_follow_from_methods(self, method_id: str, permission: str) -> None:
        assert permission_of(method_id) == permission


class TestTime:
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock()

    @pytest.fixture
    def slow(self, tmp_path: Path, clock: ManualClock) -> Iterator[Client]:
        with Simulator(tmp_path, profile="realistic", clock=clock) as running:
            yield Client(running.url)

    def test_an_operation_takes_its_time(self, slow: Client, clock: ManualClock) -> None:
        operation = slow.post(ADDRESSES, {"name": "a"}).body
        path = operation["selfLink"].split("/projects/lab-project/")[1]
        assert (operation["status"], slow.get(path)["status"]) == ("RUNNING", "RUNNING")
        clock.advance(4)
        assert slow.get(path)["status"] == "DONE"

    def test_what_is_being_made_is_not_ready(self, slow: Client, clock: ManualClock) -> None:
        slow.post("global/networks", NETWORK)
        subnet = {"name": "s", "network": "global/networks/n", "ipCidrRange": "10.0.0.0/24"}
        early = slow.post("regions/europe-west1/subnetworks", subnet)
        assert (early.status, early.reason) == (400, "resourceNotReady")
        assert early.message == "The resource 'projects/lab-project/global/networks/n' is not ready"
        clock.advance(20)
        assert slow.post("regions/europe-west1/subnetworks", subnet).status == 200

    def test_pending_operations_survive_a_restart(self, tmp_path: Path, clock: ManualClock) -> None:
        with Simulator(tmp_path / "x", profile="realistic", clock=clock) as first:
            Client(first.url).post(ADDRESSES, {"name": "a"})
        clock.advance(30)
        with Simulator(tmp_path / "x", profile="realistic", clock=clock) as second:
            cloud = Client(second.url)
            assert cloud.delete(f"{ADDRESSES}/a").status == 200
            clock.advance(30)
            assert cloud.get(f"{ADDRESSES}/a").status == 404


def test_reset_forgets_everything(cloud: Client) -> None:
    cloud.made("global/networks", NETWORK)
    cloud.post("/lab/v1/reset")
    assert cloud.get("global/networks/n").status == 404


def test_only_loopback_is_listened_on(simulator: Simulator) -> None:
    assert simulator.url.startswith("http://127.0.0.1:")


def test_a_batch_answers_each_call(cloud: Client) -> None:
    cloud.made("global/networks", NETWORK)
    base = "/compute/v1/projects/lab-project/global/networks"
    parts = "".join(
        f"--x\r\nContent-Type: application/http\r\nContent-ID: <{i}>\r\n\r\nGET {base}/{name} HTTP/1.1\r\n\r\n\r\n"
        for i, name in enumerate(("n", "no"))
    )
    request = urllib.request.Request(f"{cloud.url}/batch/compute/v1", data=f"{parts}--x--\r\n".encode())  # noqa: S310
    request.add_header("Content-Type", "multipart/mixed; boundary=x")
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        text = answer.read().decode()
    assert [line for line in text.splitlines() if line.startswith("HTTP/1.1")] == [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 404 Not Found",
    ]
    assert "<response-0>" in text
