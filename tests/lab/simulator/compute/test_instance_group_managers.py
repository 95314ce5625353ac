"""Managed groups: what they are made of, how they grow, shrink, repair and end, and what they say meanwhile."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lab.simulator.client import Client
from lab.simulator.services.compute.managed_instances import Step, next_step
from tests.lab.simulator.compute.bodies import B, C, P, R, refused
from tests.lab.simulator.compute.managed import GROUP, create, delete, listed, manager, template

M = f"{B}/instanceGroupManagers"
NAMES = ("dev-web-b-0001", "dev-web-b-0002")


@pytest.fixture
def pool(cloud: Client) -> Client:
    """The template `t`, another `t2`, and an empty group of `t`."""
    cloud.made(f"{R}/instanceTemplates", template())
    cloud.made(f"{R}/instanceTemplates", template("t2"))
    cloud.made(M, manager())
    return cloud


def test_blocks_that_nobody_asked_for_are_nulls_as_the_provider_writes_them(cloud: Client) -> None:
    cloud.made(f"{R}/instanceTemplates", template())
    cloud.made(M, manager(resourcePolicies={"workloadPolicy": None}, allInstancesConfig={"properties": None}))
    assert "resourcePolicies" not in cloud.get(f"{M}/{GROUP}").body


def names(cloud: Client) -> list[str]:
    return [vm["name"] for vm in cloud.get(f"{B}/instances").body.get("items", []) if vm["name"] != "m1"]


def metadata(cloud: Client, name: str) -> dict[str, str]:
    return {item["key"]: item["value"] for item in cloud.get(f"{B}/instances/{name}")["metadata"]["items"]}


@pytest.mark.parametrize(
    ("change", "status", "reason", "text"),
    [
        pytest.param({"versions": []}, 400, "required", "resource.instanceTemplate", id="no template"),
        pytest.param(
            {"versions": [{"instanceTemplate": f"{R}/instanceTemplates/no"}]},
            404,
            "notFound",
            f"{P}/{R}/instanceTemplates/no",
            id="a template that isn't",
        ),
        pytest.param({"targetSize": -1}, 400, "invalid", "resource.targetSize", id="size"),
        pytest.param({"baseInstanceName": "B"}, 400, "invalid", "baseInstanceName", id="base name"),
        pytest.param({"baseInstanceName": "b" * 59}, 400, "invalid", "at most 58", id="a long base name"),
        pytest.param(
            {"autoHealingPolicies": [{"initialDelaySec": 1}]},
            501,
            "notImplemented",
            "autoHealing",
            id="healing",
        ),
        pytest.param({"updatePolicy": {"type": "PROACTIVE"}}, 501, "notImplemented", "PROACTIVE", id="roll"),
    ],
)
def test_refused(cloud: Client, change: dict[str, Any], status: int, reason: str, text: str) -> None:
    cloud.made(f"{R}/instanceTemplates", template())
    refused(cloud.post(M, manager(**change)), status, reason, text)


def test_a_template_of_another_region(cloud: Client) -> None:
    cloud.made("global/networks", {"name": "auto", "autoCreateSubnetworks": True})
    nic = [{"network": "global/networks/auto"}]
    cloud.made("regions/us-east1/instanceTemplates", template(networkInterfaces=nic))
    version = [{"instanceTemplate": "regions/us-east1/instanceTemplates/t"}]
    refused(cloud.post(M, manager(versions=version)), 400, "invalid", "must be in the region")


def test_an_instance_group_of_its_name_is_in_the_way(cloud: Client) -> None:
    cloud.made(f"{R}/instanceTemplates", template())
    cloud.made(f"{B}/instanceGroups", {"name": "dev-web-b"})
    refused(cloud.post(M, manager()), 409, "alreadyExists", f"{P}/{B}/instanceGroups/dev-web-b")


def test_an_empty_one_is_stable(pool: Client) -> None:
    group = pool.get(GROUP)
    assert (group["targetSize"], group["status"]["isStable"], listed(pool)) == (0, True, [])


def test_what_is_not_said_is_filled_in(pool: Client) -> None:
    group = pool.get(GROUP)
    assert group["updatePolicy"]["maxSurge"] == {"fixed": 1, "calculated": 1}
    assert group["instanceTemplate"].endswith(f"{P}/{R}/instanceTemplates/t")
    assert group["instanceGroup"].endswith(f"{P}/{B}/instanceGroups/dev-web-b")


def test_it_is_listed_in_its_zone(pool: Client) -> None:
    everywhere = pool.get("aggregated/instanceGroupManagers")["items"]
    assert [each["name"] for each in pool.get(M)["items"]] == ["dev-web-b"]
    assert list(everywhere) == [B]
    assert pool.get(f"{C}/instanceGroupManagers").body.get("items", []) == []


def test_it_makes_as_many_as_it_is_to_have(cloud: Client) -> None:
    cloud.made(f"{R}/instanceTemplates", template())
    cloud.made(M, manager(3))
    made = names(cloud)
    assert len(set(made)) == 3
    assert all(re.fullmatch(r"dev-web-b-[a-z0-9]{4}", name) for name in made)


def test_those_named_are_made_of_its_template(pool: Client) -> None:
    create(pool, *NAMES)
    vm = pool.get(f"{B}/instances/{NAMES[0]}")
    assert (names(pool), pool.get(GROUP)["targetSize"]) == (list(NAMES), 2)
    assert (vm["machineType"].rpartition("/")[2], vm["tags"]["items"]) == ("e2-medium", ["dev-worker"])


def test_a_member_knows_its_group_and_its_template(pool: Client) -> None:
    create(pool, NAMES[0])
    number = pool.get("")["id"]
    found = metadata(pool, NAMES[0])
    assert found == {
        "worker-config": "{}",
        "created-by": f"projects/{number}/{GROUP}",
        "instance-template": f"projects/{number}/{R}/instanceTemplates/t",
    }


def test_its_group_has_its_members(pool: Client) -> None:
    create(pool, *NAMES)
    group = f"{B}/instanceGroups/dev-web-b"
    members = pool.post(f"{group}/listInstances")["items"]
    assert [each["instance"].rpartition("/")[2] for each in members] == list(NAMES)
    assert pool.get(group)["size"] == 2


def test_a_member_as_it_is_listed(pool: Client) -> None:
    create(pool, NAMES[0])
    (member,) = listed(pool)
    assert member["instance"].endswith(f"{P}/{B}/instances/{NAMES[0]}")
    assert (member["currentAction"], member["instanceStatus"]) == ("NONE", "RUNNING")
    assert member["version"]["instanceTemplate"].endswith("/instanceTemplates/t")
    assert member["id"] == pool.get(f"{B}/instances/{NAMES[0]}")["id"]


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        pytest.param({"instances": []}, 400, "instances", id="none"),
        pytest.param({"instances": [{"name": "X"}]}, 400, "Must be a match", id="a bad name"),
        pytest.param({"instances": [{"name": "m1"}]}, 409, "instances/m1", id="a name that is taken"),
        pytest.param({"instances": [{"name": "x"}] * 2}, 409, "instances/x", id="twice the same"),
        pytest.param(
            {"instances": [{"name": "x", "preservedState": {"metadata": {"a": "b"}}}]},
            501,
            "keep no state",
            id="state",
        ),
    ],
)
def test_making_is_refused(pool: Client, body: dict[str, Any], status: int, text: str) -> None:
    reply = pool.post(f"{GROUP}/createInstances", body)
    assert (reply.status, text in reply.message) == (status, True), reply.body


def test_those_named_go_and_the_group_shrinks(pool: Client) -> None:
    create(pool, *NAMES)
    delete(pool, NAMES[0])
    assert (names(pool), pool.get(GROUP)["targetSize"]) == ([NAMES[1]], 1)
    assert [each["name"] for each in listed(pool)] == [NAMES[1]]


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        pytest.param(f"{B}/instances/m1", "is not a member of", id="another VM"),
        pytest.param(f"{C}/instances/{NAMES[0]}", "must be of an instance in zone", id="another zone"),
    ],
)
def test_deleting_is_refused(pool: Client, reference: str, text: str) -> None:
    create(pool, NAMES[0])
    reply = pool.post(f"{GROUP}/deleteInstances", {"instances": [reference]})
    refused(reply, 400, "invalid", text)


def test_strangers_are_passed_over_on_request(pool: Client) -> None:
    create(pool, *NAMES)
    delete(pool, "m1", NAMES[0], skipInstancesOnValidationError=True)
    assert names(pool) == [NAMES[1]]


def test_one_that_is_let_go_stays_and_belongs_to_nobody(pool: Client) -> None:
    create(pool, *NAMES)
    pool.post(f"{GROUP}/abandonInstances", {"instances": [f"{B}/instances/{NAMES[0]}"]})
    assert (names(pool), pool.get(GROUP)["targetSize"]) == (list(NAMES), 1)
    assert pool.get(f"{B}/instanceGroups/dev-web-b")["size"] == 1


@pytest.mark.parametrize(("size", "left"), [(3, 3), (1, 1), (0, 0)])
def test_resized(pool: Client, size: int, left: int) -> None:
    create(pool, *NAMES)
    pool.post(f"{GROUP}/resize?size={size}")
    assert (len(names(pool)), pool.get(GROUP)["targetSize"]) == (left, size)


def test_a_new_template_is_for_new_instances(pool: Client) -> None:
    create(pool, NAMES[0])
    pool.patch(GROUP, {"versions": [{"instanceTemplate": f"{R}/instanceTemplates/t2"}]})
    before = pool.get(GROUP)["status"]["versionTarget"]["isReached"]
    create(pool, NAMES[1])
    of = {each["name"]: each["version"]["instanceTemplate"].rpartition("/")[2] for each in listed(pool)}
    delete(pool, NAMES[0])
    after = pool.get(GROUP)["status"]["versionTarget"]["isReached"]
    assert (of, before, after) == ({NAMES[0]: "t", NAMES[1]: "t2"}, False, True)


def test_a_template_is_set_without_a_fingerprint(pool: Client) -> None:
    body = {"instanceTemplate": f"{R}/instanceTemplates/t2"}
    assert pool.post(f"{GROUP}/setInstanceTemplate", body).status == 200
    create(pool, NAMES[0])
    assert metadata(pool, NAMES[0])["instance-template"].endswith("/instanceTemplates/t2")


def test_a_fingerprint_from_before_it_grew_is_stale(pool: Client) -> None:
    seen = pool.get(GROUP)["fingerprint"]
    create(pool, NAMES[0])
    body = {"fingerprint": seen, "description": "d"}
    refused(pool.patch(GROUP, body), 412, "conditionNotMet", "Invalid fingerprint")


def test_the_present_fingerprint_is_taken(pool: Client) -> None:
    body = {"fingerprint": pool.get(GROUP)["fingerprint"], "description": "d"}
    assert pool.patch(GROUP, body).status == 200
    assert pool.get(GROUP)["description"] == "d"


@pytest.mark.parametrize("how", ["stop", "delete"])
def test_one_that_fails_is_made_anew_under_its_name(pool: Client, how: str) -> None:
    create(pool, NAMES[0])
    before = pool.get(f"{B}/instances/{NAMES[0]}")
    if how == "stop":
        pool.post(f"{B}/instances/{NAMES[0]}/stop")
    else:
        pool.delete(f"{B}/instances/{NAMES[0]}")
    after = pool.get(f"{B}/instances/{NAMES[0]}")
    assert (after["status"], after["id"] != before["id"]) == ("RUNNING", True)
    assert pool.get(GROUP)["status"]["isStable"]


def test_a_group_that_does_not_repair(pool: Client) -> None:
    pool.patch(GROUP, {"instanceLifecyclePolicy": {"defaultActionOnFailure": "DO_NOTHING"}})
    create(pool, NAMES[0])
    pool.post(f"{B}/instances/{NAMES[0]}/stop")
    assert pool.get(f"{B}/instances/{NAMES[0]}")["status"] == "TERMINATED"


def test_each_member_has_a_range_of_its_own(pool: Client) -> None:
    create(pool, *NAMES)
    ranges = [
        pool.get(f"{B}/instances/{name}")["networkInterfaces"][0]["aliasIpRanges"][0]["ipCidrRange"]
        for name in NAMES
    ]
    assert ranges == ["10.8.0.0/24", "10.8.1.0/24"]


def attempt(cloud: Client) -> tuple[str, str]:
    error = listed(cloud)[-1]["lastAttempt"]["errors"]["errors"][0]
    return error["code"], error["message"]


def test_ranges_that_have_run_out(cloud: Client) -> None:
    subnet = {"name": "small", "network": "global/networks/n", "ipCidrRange": "10.1.0.0/24"}
    ranges = [{"rangeName": "pods", "ipCidrRange": "10.9.0.0/24"}]
    cloud.made(f"{R}/subnetworks", subnet | {"secondaryIpRanges": ranges})
    alias = [{"ipCidrRange": "/24", "subnetworkRangeName": "pods"}]
    nic = {"subnetwork": f"{R}/subnetworks/small", "aliasIpRanges": alias}
    cloud.made(f"{R}/instanceTemplates", template(networkInterfaces=[nic]))
    cloud.made(M, manager())
    create(cloud, *NAMES)
    code, message = attempt(cloud)
    assert code == "IP_SPACE_EXHAUSTED_WITH_DETAILS"
    assert f"IP space of '{P}/{R}/subnetworks/small' is exhausted." in message
    assert "in the IP range '10.9.0.0/24'" in message


def test_a_quota_that_is_used_up(pool: Client) -> None:
    pool.post("/lab/v1/quotas", {"INSTANCES": 2})
    create(pool, *NAMES)
    member = listed(pool)[-1]
    group = pool.get(GROUP)
    assert attempt(pool)[0] == "QUOTA_EXCEEDED"
    assert (member["currentAction"], "instanceStatus" in member) == ("CREATING", False)
    assert (group["targetSize"], group["currentActions"]["creating"]) == (2, 1)
    assert not group["status"]["isStable"]


def test_a_stockout(pool: Client) -> None:
    text = "The zone does not have enough resources available to fulfill the request."
    action = {"type": "op_error", "code": "ZONE_RESOURCE_POOL_EXHAUSTED", "message": text}
    pool.fault(method="compute.instances.insert", resource="dev-web", times=0, action=action)
    create(pool, NAMES[0])
    said = f"Instance '{NAMES[0]}' creation failed: {text}"
    assert attempt(pool) == ("ZONE_RESOURCE_POOL_EXHAUSTED", said)


def test_one_that_can_not_be_made_is_deleted_all_the_same(pool: Client) -> None:
    pool.post("/lab/v1/quotas", {"INSTANCES": 1})
    create(pool, NAMES[0])
    delete(pool, NAMES[0])
    assert (listed(pool), pool.get(GROUP)["targetSize"]) == ([], 0)


def test_one_that_is_protected_stays_until_it_is_not(pool: Client) -> None:
    create(pool, NAMES[0])
    pool.post(f"{B}/instances/{NAMES[0]}/setDeletionProtection")
    delete(pool, NAMES[0])
    (member,) = listed(pool)
    assert (member["currentAction"], attempt(pool)[0]) == ("DELETING", "INVALID_USAGE")


def test_its_end_is_that_of_its_instances(pool: Client) -> None:
    create(pool, *NAMES)
    pool.delete(GROUP)
    gone = [pool.get(path).status for path in (GROUP, f"{B}/instanceGroups/dev-web-b")]
    assert (names(pool), gone) == ([], [404, 404])


def test_it_stays_while_a_backend_service_has_it(pool: Client) -> None:
    pool.made(f"{R}/healthChecks", {"name": "hc", "type": "HTTPS", "httpsHealthCheck": {"port": 443}})
    backends = [{"group": f"{B}/instanceGroups/dev-web-b", "balancingMode": "CONNECTION"}]
    service = {"name": "bs", "healthChecks": [f"{R}/healthChecks/hc"], "backends": backends}
    pool.made(f"{R}/backendServices", service | {"loadBalancingScheme": "EXTERNAL", "protocol": "TCP"})
    text = f"The instance_group_manager resource '{P}/{GROUP}' is already being used by '{P}/{R}/backendServices/bs'"
    refused(pool.delete(GROUP), 400, "resourceInUseByAnotherResource", text)


def test_its_instance_group_is_nobody_elses(pool: Client) -> None:
    group = f"{B}/instanceGroups/dev-web-b"
    refused(pool.delete(group), 400, "resourceInUseByAnotherResource", GROUP)
    added = pool.post(f"{group}/addInstances", {"instances": [{"instance": f"{B}/instances/m1"}]})
    refused(added, 400, "invalid", "are managed by")


def test_pages_only_where_the_group_has_them(pool: Client) -> None:
    create(pool, *NAMES)
    whole = pool.post(f"{GROUP}/listManagedInstances?maxResults=1")["managedInstances"]
    pool.patch(GROUP, {"listManagedInstancesResults": "PAGINATED"})
    page = pool.post(f"{GROUP}/listManagedInstances?maxResults=1")
    assert (len(whole), len(page["managedInstances"]), page["nextPageToken"]) == (2, 1, "1")


@pytest.mark.parametrize("verb", ["recreateInstances", "applyUpdatesToInstances", "listErrors"])
def test_what_is_not_simulated_says_so(pool: Client, verb: str) -> None:
    call = pool.get if verb.startswith("list") else lambda path: pool.post(path, {})
    assert call(f"{GROUP}/{verb}").status == 501


@pytest.mark.parametrize(
    ("action", "status", "more", "step"),
    [
        pytest.param("CREATING", None, {}, "make", id="not there yet"),
        pytest.param("CREATING", None, {"waits": True}, "wait", id="failed a moment ago"),
        pytest.param("CREATING", None, {"busy": True}, "wait", id="being made, and nothing shows yet"),
        pytest.param("CREATING", "STAGING", {}, "wait", id="boots"),
        pytest.param("CREATING", "RUNNING", {}, "settle", id="runs"),
        pytest.param("CREATING", "TERMINATED", {}, "repair", id="went off while it booted"),
        pytest.param("NONE", "RUNNING", {}, "wait", id="all is well"),
        pytest.param("NONE", "STOPPING", {}, "wait", id="goes off"),
        pytest.param("NONE", "TERMINATED", {}, "repair", id="is off"),
        pytest.param("NONE", None, {}, "repair", id="is gone"),
        pytest.param("NONE", "TERMINATED", {"repairs": False}, "wait", id="is off, and may be"),
        pytest.param("RECREATING", "TERMINATED", {"old": True}, "delete", id="the old one is there"),
        pytest.param("RECREATING", None, {}, "make", id="the old one is gone"),
        pytest.param("RECREATING", "RUNNING", {}, "settle", id="the new one runs"),
        pytest.param("DELETING", "RUNNING", {}, "delete", id="is to go"),
        pytest.param("DELETING", "STOPPING", {"busy": True}, "wait", id="goes"),
        pytest.param("DELETING", None, {}, "forget", id="has gone"),
    ],
)
def test_what_comes_next(action: str, status: str | None, more: dict[str, bool], step: Step) -> None:
    given = {"busy": False, "old": False, "waits": False, "repairs": True} | more
    assert next_step(action, status, **given) == step
