"""GCE's rules and texts, by the tables of the research notes."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client, Reply
from lab.simulator.server import Simulator

P = "projects/lab-project"
R = "regions/europe-west1"
B = "zones/europe-west1-b"
C = "zones/europe-west1-c"
IMAGE = "projects/debian-cloud/global/images/debian-12-bookworm-v20251014"


def vm(name: str, zone: str = B, *, nic: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "machineType": f"{zone}/machineTypes/e2-medium",
        "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}}],
        "networkInterfaces": [{"subnetwork": f"{R}/subnetworks/s"} | (nic or {})],
    } | more


def rule(**more: Any) -> dict[str, Any]:
    return {
        "name": "api",
        "IPAddress": f"{R}/addresses/api",
        "portRange": "443",
        "loadBalancingScheme": "EXTERNAL",
    } | more


@pytest.fixture
def cloud(simulator: Simulator) -> Client:
    """A network, a subnet, the address `api`, the VM `m1` in zone b."""
    client = Client(simulator.url)
    client.made("global/networks", {"name": "n", "autoCreateSubnetworks": False})
    client.made(
        f"{R}/subnetworks",
        {
            "name": "s",
            "network": "global/networks/n",
            "ipCidrRange": "10.0.0.0/24",
            "secondaryIpRanges": [{"rangeName": "pods", "ipCidrRange": "10.8.0.0/16"}],
        },
    )
    client.made(f"{R}/addresses", {"name": "api"})
    client.made(f"{B}/instances", vm("m1"))
    return client


@pytest.fixture
def balanced(cloud: Client) -> Client:
    """Besides: group `ig` with m1, health check, backend service and the rule `api`."""
    cloud.made(f"{R}/healthChecks", {"name": "hc", "type": "HTTPS", "httpsHealthCheck": {"port": 443}})
    cloud.made(f"{B}/instanceGroups", {"name": "ig"})
    cloud.post(f"{B}/instanceGroups/ig/addInstances", {"instances": [{"instance": f"{B}/instances/m1"}]})
    backends = [{"group": f"{B}/instanceGroups/ig", "balancingMode": "CONNECTION"}]
    service = {"name": "bs", "healthChecks": [f"{R}/healthChecks/hc"], "backends": backends}
    cloud.made(f"{R}/backendServices", service | {"loadBalancingScheme": "EXTERNAL", "protocol": "TCP"})
    cloud.made(f"{R}/forwardingRules", rule(backendService=f"{R}/backendServices/bs"))
    return cloud


def refused(reply: Reply, status: int, reason: str, text: str) -> None:
    assert (reply.status, reply.reason) == (status, reason), reply.body
    assert text in reply.message


class TestErrors:
    def test_missing(self, cloud: Client) -> None:
        text = f"The resource '{P}/{B}/instances/no' was not found"
        refused(cloud.get(f"{B}/instances/no"), 404, "notFound", text)

    def test_duplicate(self, cloud: Client) -> None:
        text = f"The resource '{P}/{B}/instances/m1' already exists"
        refused(cloud.post(f"{B}/instances", vm("m1")), 409, "alreadyExists", text)

    def test_boot_disk_of_the_same_name(self, cloud: Client) -> None:
        cloud.made(f"{B}/disks", {"name": "m2", "sizeGb": "10"})
        text = f"The resource '{P}/{B}/disks/m2' already exists"
        refused(cloud.post(f"{B}/instances", vm("m2")), 409, "alreadyExists", text)

    @pytest.mark.parametrize("name", ["Upper", "1st", "a_b", "a-", "a" * 64])
    def test_names(self, cloud: Client, name: str) -> None:
        refused(
            cloud.post(f"{R}/addresses", {"name": name}),
            400,
            "invalid",
            "Invalid value for field 'resource.name'",
        )

    def test_stale_labels(self, cloud: Client) -> None:
        reply = cloud.post(f"{R}/addresses/api/setLabels", {"labels": {"a": "b"}, "labelFingerprint": "AAAA"})
        text = "Labels fingerprint either invalid or resource labels have changed"
        refused(reply, 412, "conditionNotMet", text)
        assert reply.body["error"]["errors"][0]["location"] == "If-Match"

    def test_stale_metadata(self, cloud: Client) -> None:
        reply = cloud.post(f"{B}/instances/m1/setMetadata", {"fingerprint": "AAAA", "items": []})
        refused(
            reply, 412, "conditionNotMet", "Supplied fingerprint does not match current metadata fingerprint."
        )

    def test_stale_project_metadata(self, cloud: Client) -> None:
        reply = cloud.post(f"/compute/v1/{P}/setCommonInstanceMetadata", {"fingerprint": "AAAA"})
        refused(reply, 412, "conditionNotMet", "Supplied fingerprint does not match")

    def test_stale_tags(self, cloud: Client) -> None:
        reply = cloud.post(f"{B}/instances/m1/setTags", {"fingerprint": "AAAA", "items": ["x"]})
        refused(reply, 412, "conditionNotMet", "Invalid fingerprint.")

    def test_quota(self, cloud: Client) -> None:
        cloud.post("/lab/v1/quotas", {"STATIC_ADDRESSES": 1})
        text = "Quota 'STATIC_ADDRESSES' exceeded.  Limit: 1.0 in region europe-west1."
        refused(cloud.post(f"{R}/addresses", {"name": "second"}), 403, "quotaExceeded", text)

    def test_stockout(self, cloud: Client) -> None:
        text = "The zone 'projects/lab-project/zones/europe-west1-b' does not have enough resources available"
        action = {
            "type": "op_error",
            "code": "ZONE_RESOURCE_POOL_EXHAUSTED",
            "message": text,
            "http_code": 503,
        }
        cloud.fault(method="compute.instances.insert", action=action)
        operation = cloud.post(f"{B}/instances", vm("m2"))
        assert (operation["status"], operation["httpErrorStatusCode"]) == ("DONE", 503)
        assert cloud.get(f"{B}/instances/m2").status == cloud.get(f"{B}/disks/m2").status == 404

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            pytest.param(
                {"machineType": f"{B}/machineTypes/e2-huge"}, "Machine type with name 'e2-huge'", id="type"
            ),
            pytest.param({"disks": []}, "No disks are specified.", id="no disk"),
            pytest.param({"tags": {"items": ["Bad"]}}, "Must be a match of regex", id="tag"),
            pytest.param(
                {"serviceAccounts": [{"email": "x@y.z"}]}, "does not have access to service account", id="sa"
            ),
            pytest.param(
                {"networkInterfaces": [{"network": "global/networks/no"}]},
                "The referenced network resource cannot be found.",
                id="network",
            ),
            pytest.param(
                {"networkInterfaces": [{"network": "global/networks/n"}]},
                "custom subnetmode network",
                id="subnet",
            ),
            pytest.param(
                {"metadata": {"items": [{"key": "k", "value": "x" * 262_145}]}},
                "is too large",
                id="metadata value",
            ),
            pytest.param(
                {"metadata": {"items": [{"key": f"k{i}", "value": "x" * 200_000} for i in range(3)]}},
                "maximum size 524288",
                id="metadata total",
            ),
        ],
    )
    def test_instances(self, cloud: Client, change: dict[str, Any], text: str) -> None:
        reply = cloud.post(f"{B}/instances", vm("m2", **change))
        assert (reply.status, text in reply.message) == (400, True), reply.body
        assert cloud.get(f"{B}/disks/m2").status == 404


class TestReferencesBlockDeletes:
    @pytest.mark.parametrize(
        ("path", "noun", "user"),
        [
            (f"{R}/addresses/api", "address", f"{R}/forwardingRules/api"),
            (f"{R}/backendServices/bs", "backend_service", f"{R}/forwardingRules/api"),
            (f"{B}/instanceGroups/ig", "instance_group", f"{R}/backendServices/bs"),
            (f"{R}/healthChecks/hc", "health_check", f"{R}/backendServices/bs"),
            (f"{B}/disks/m1", "disk", f"{B}/instances/m1"),
            (f"{R}/subnetworks/s", "subnetwork", f"{B}/instances/m1"),
            ("global/networks/n", "network", f"{R}/subnetworks/s"),
        ],
    )
    def test_texts(self, balanced: Client, path: str, noun: str, user: str) -> None:
        text = f"The {noun} resource '{P}/{path}' is already being used by '{P}/{user}'"
        refused(balanced.delete(path), 400, "resourceInUseByAnotherResource", text)

    def test_a_target_instance(self, cloud: Client) -> None:
        cloud.made(f"{B}/targetInstances", {"name": "t", "instance": f"{B}/instances/m1"})
        cloud.made(f"{R}/forwardingRules", rule(target=f"{B}/targetInstances/t"))
        text = f"The target_instance resource '{P}/{B}/targetInstances/t' is already being used by"
        refused(cloud.delete(f"{B}/targetInstances/t"), 400, "resourceInUseByAnotherResource", text)

    def test_a_resource_policy(self, cloud: Client) -> None:
        daily = {"dailySchedule": {"daysInCycle": 1, "startTime": "04:00"}}
        cloud.made(f"{R}/resourcePolicies", {"name": "p", "snapshotSchedulePolicy": {"schedule": daily}})
        url = f"{R}/resourcePolicies/p"
        assert cloud.post(f"{B}/disks/m1/addResourcePolicies", {"resourcePolicies": [url]}).status == 200
        refused(cloud.delete(url), 400, "resourceInUseByAnotherResource", "resource_policy")
        cloud.post(f"{B}/disks/m1/removeResourcePolicies", {"resourcePolicies": [url]})
        assert cloud.delete(url).status == 200

    def test_in_order_everything_goes(self, balanced: Client) -> None:
        paths = [f"{R}/forwardingRules/api", f"{R}/backendServices/bs", f"{B}/instanceGroups/ig"]
        paths += [f"{R}/healthChecks/hc", f"{B}/instances/m1", f"{R}/addresses/api", f"{R}/subnetworks/s"]
        assert [balanced.delete(p).status for p in [*paths, "global/networks/n"]] == [200] * 8


class TestTheAddress:
    def test_a_rule_holds_it_until_it_is_deleted(self, balanced: Client) -> None:
        held = balanced.get(f"{R}/addresses/api")
        assert (held["status"], [u.rsplit("/", 1)[-1] for u in held["users"]]) == ("IN_USE", ["api"])
        balanced.delete(f"{R}/forwardingRules/api")
        assert balanced.get(f"{R}/addresses/api")["status"] == "RESERVED"

    def test_a_vm_cannot_take_what_a_rule_holds(self, balanced: Client) -> None:
        ip = balanced.get(f"{R}/addresses/api")["address"]
        reply = balanced.post(f"{B}/instances/m1/addAccessConfig?networkInterface=nic0", {"natIP": ip})
        text = f"Invalid resource usage: 'External IP address: {ip} is already in-use.'."
        refused(reply, 400, "invalidResourceUsage", text)

    def test_a_rule_cannot_take_what_a_vm_holds(self, cloud: Client) -> None:
        ip = cloud.get(f"{R}/addresses/api")["address"]
        cloud.made(f"{B}/instances", vm("m2", nic={"accessConfigs": [{"natIP": ip}]}))
        cloud.made(f"{B}/targetInstances", {"name": "t", "instance": f"{B}/instances/m1"})
        reply = cloud.post(f"{R}/forwardingRules", rule(target=f"{B}/targetInstances/t"))
        text = f"Invalid value for field 'resource.IPAddress': '{ip}'. "
        refused(
            reply, 400, "invalid", text + "Specified IP address is in-use and would result in a conflict."
        )

    @pytest.mark.parametrize(
        ("more", "status"),
        [({"portRange": "443"}, 400), ({"portRange": "400-500"}, 400), ({"portRange": "80"}, 200)],
    )
    def test_rules_share_it_if_their_ports_differ(
        self, balanced: Client, more: dict[str, Any], status: int
    ) -> None:
        other = rule(name="other", backendService=f"{R}/backendServices/bs", **more)
        assert balanced.post(f"{R}/forwardingRules", other).status == status

    def test_an_unknown_address(self, cloud: Client) -> None:
        reply = cloud.post(f"{B}/instances", vm("m2", nic={"accessConfigs": [{"natIP": "203.0.113.99"}]}))
        text = "accessConfigs[0].natIP': '203.0.113.99'. The specified external IP address '203.0.113.99' was not "
        refused(reply, 400, "invalid", text + "found in region 'europe-west1'.")

    def test_a_second_access_config(self, cloud: Client) -> None:
        path = f"{B}/instances/m1/addAccessConfig?networkInterface=nic0"
        assert cloud.post(path, {}).status == 200
        refused(cloud.post(path, {}), 400, "badRequest", "At most one access config currently supported.")

    def test_an_access_config_goes_by_its_name(self, cloud: Client) -> None:
        cloud.post(f"{B}/instances/m1/addAccessConfig?networkInterface=nic0", {})
        delete = f"{B}/instances/m1/deleteAccessConfig?networkInterface=nic0&accessConfig="
        assert cloud.post(delete + "external-nat").status == 400
        assert cloud.post(delete + "External%20NAT").status == 200

    def test_the_tier_must_match(self, cloud: Client) -> None:
        cloud.made(f"{R}/addresses", {"name": "std", "networkTier": "STANDARD"})
        cloud.made(f"{B}/targetInstances", {"name": "t", "instance": f"{B}/instances/m1"})
        reply = cloud.post(
            f"{R}/forwardingRules", rule(IPAddress=f"{R}/addresses/std", target=f"{B}/targetInstances/t")
        )
        refused(reply, 400, "invalid", "network tier")

    def test_a_busy_internal_address_fails_the_operation(self, cloud: Client) -> None:
        ip = cloud.get(f"{B}/instances/m1")["networkInterfaces"][0]["networkIP"]
        operation = cloud.post(f"{B}/instances", vm("m2", nic={"networkIP": ip}))
        assert operation["error"]["errors"] == [
            {
                "code": "IP_IN_USE_BY_ANOTHER_RESOURCE",
                "message": f"IP '{ip}' is already being used by another resource.",
            }
        ]
        assert cloud.get(f"{B}/instances/m2").status == 404

    def test_a_reserved_internal_address_follows_its_vm(self, cloud: Client) -> None:
        where = {"name": "m2", "addressType": "INTERNAL", "subnetwork": f"{R}/subnetworks/s"}
        ip = cloud.made(f"{R}/addresses", where)["address"]
        cloud.made(f"{B}/instances", vm("m2", nic={"networkIP": ip}))
        assert cloud.get(f"{R}/addresses/m2")["status"] == "IN_USE"
        cloud.delete(f"{B}/instances/m2")
        assert cloud.get(f"{R}/addresses/m2")["status"] == "RESERVED"


class TestTheRulesTarget:
    @pytest.fixture
    def pointed(self, cloud: Client) -> Client:
        """The rule at the target instance of m1, and another target instance for m2 in zone c."""
        cloud.made(f"{C}/instances", vm("m2", C))
        cloud.made(f"{B}/targetInstances", {"name": "t1", "instance": f"{B}/instances/m1"})
        cloud.made(f"{C}/targetInstances", {"name": "t2", "instance": f"{C}/instances/m2"})
        cloud.made(f"{R}/forwardingRules", rule(target=f"{B}/targetInstances/t1"))
        return cloud

    def test_target_instance_to_target_instance_in_place(self, pointed: Client) -> None:
        reply = pointed.post(f"{R}/forwardingRules/api/setTarget", {"target": f"{C}/targetInstances/t2"})
        assert reply.status == 200
        assert pointed.get(f"{R}/forwardingRules/api")["target"].endswith("/targetInstances/t2")

    def test_never_to_another_kind(self, pointed: Client) -> None:
        pointed.made(f"{R}/targetPools", {"name": "pool"})
        reply = pointed.post(f"{R}/forwardingRules/api/setTarget", {"target": f"{R}/targetPools/pool"})
        refused(reply, 400, "invalid", "should be of the same type as the old")

    def test_target_xor_backend_service(self, cloud: Client) -> None:
        refused(
            cloud.post(f"{R}/forwardingRules", rule()),
            400,
            "invalid",
            "Exactly one of target and backendService",
        )

    def test_the_zone_must_be_in_the_region(self, cloud: Client) -> None:
        reply = cloud.post(f"{C}/targetInstances", {"name": "t", "instance": f"{B}/instances/m1"})
        refused(reply, 400, "invalid", "must be in zone 'europe-west1-c'")


class TestGroups:
    def test_membership_vanishes_with_the_vm(self, balanced: Client) -> None:
        balanced.delete(f"{B}/instances/m1")
        balanced.made(f"{B}/instances", vm("m1"))
        assert "items" not in balanced.post(f"{B}/instanceGroups/ig/listInstances").body
        assert balanced.get(f"{B}/instanceGroups/ig")["size"] == 0

    def test_other_zones_are_refused(self, balanced: Client) -> None:
        balanced.made(f"{C}/instances", vm("m2", C))
        body = {"instances": [{"instance": f"{C}/instances/m2"}]}
        refused(balanced.post(f"{B}/instanceGroups/ig/addInstances", body), 400, "invalid", "europe-west1-b")

    def test_twice_is_refused(self, balanced: Client) -> None:
        body = {"instances": [{"instance": f"{B}/instances/m1"}]}
        refused(
            balanced.post(f"{B}/instanceGroups/ig/addInstances", body),
            400,
            "memberAlreadyExists",
            "already a member",
        )

    def test_one_load_balanced_group_a_vm(self, balanced: Client) -> None:
        balanced.made(f"{B}/instanceGroups", {"name": "ig2"})
        body = {"instances": [{"instance": f"{B}/instances/m1"}]}
        assert balanced.post(f"{B}/instanceGroups/ig2/addInstances", body).status == 200
        backends = [{"group": f"{B}/instanceGroups/ig2", "balancingMode": "CONNECTION"}]
        service = {"name": "b2", "healthChecks": [f"{R}/healthChecks/hc"], "backends": backends}
        text = "instance may belong to at most one load-balanced instance group."
        refused(
            balanced.post(f"{R}/backendServices", service), 400, "instanceInMultipleLoadBalancedIgs", text
        )

    def test_put_needs_the_fingerprint(self, balanced: Client) -> None:
        service = balanced.get(f"{R}/backendServices/bs").body
        path = f"{R}/backendServices/bs"
        refused(
            balanced.put(path, {k: v for k, v in service.items() if k != "fingerprint"}),
            400,
            "required",
            "fingerprint",
        )
        refused(
            balanced.put(path, service | {"fingerprint": "AAAA"}),
            412,
            "conditionNotMet",
            "Invalid fingerprint.",
        )
        assert balanced.put(path, service).status == 200

    def test_utilization_is_not_for_passthrough(self, balanced: Client) -> None:
        service = balanced.get(f"{R}/backendServices/bs").body
        service["backends"][0]["balancingMode"] = "UTILIZATION"
        refused(
            balanced.put(f"{R}/backendServices/bs", service),
            400,
            "invalid",
            "Balancing mode must be CONNECTION",
        )

    def test_health_is_what_the_guest_reports(self, simulator: Simulator, balanced: Client) -> None:
        ask = (f"{R}/backendServices/bs/getHealth", {"group": f"{B}/instanceGroups/ig"})
        assert balanced.post(*ask)["healthStatus"][0]["healthState"] == "UNHEALTHY"
        simulator.lab.health_source = lambda instance: "HEALTHY" if instance["name"] == "m1" else "UNHEALTHY"
        row = balanced.post(*ask)["healthStatus"][0]
        assert (row["healthState"], row["forwardingRuleIp"], row["ipAddress"]) == (
            "HEALTHY",
            "203.0.113.2",
            "10.0.0.2",
        )


class TestDisks:
    @pytest.fixture
    def data(self, cloud: Client) -> Client:
        cloud.made(f"{B}/disks", {"name": "data", "sizeGb": "10", "type": f"{B}/diskTypes/pd-ssd"})
        disk = {"source": f"{B}/disks/data", "deviceName": "etcd"}
        assert cloud.post(f"{B}/instances/m1/attachDisk", disk).status == 200
        return cloud

    def test_one_writer(self, data: Client) -> None:
        data.made(f"{B}/instances", vm("m2"))
        text = f"The disk resource '{P}/{B}/disks/data' is already being used by '{P}/{B}/instances/m1'"
        reply = data.post(f"{B}/instances/m2/attachDisk", {"source": f"{B}/disks/data"})
        refused(reply, 400, "resourceInUseByAnotherResource", text)

    def test_the_data_disk_outlives_the_vm(self, data: Client) -> None:
        data.delete(f"{B}/instances/m1")
        assert (data.get(f"{B}/disks/data")["status"], "users" in data.get(f"{B}/disks/data").body) == (
            "READY",
            False,
        )
        assert data.get(f"{B}/disks/m1").status == 404

    def test_detach_by_device_name(self, data: Client) -> None:
        assert data.post(f"{B}/instances/m1/detachDisk?deviceName=etcd").status == 200
        refused(
            data.post(f"{B}/instances/m1/detachDisk?deviceName=etcd"),
            400,
            "invalid",
            "No attached disk found",
        )

    def test_force_attach_is_for_regional_disks(self, data: Client) -> None:
        data.made(f"{B}/instances", vm("m2"))
        disk = {"source": f"{B}/disks/data", "forceAttach": True}
        refused(data.post(f"{B}/instances/m2/attachDisk", disk), 400, "invalid", "regional disks only")

    def test_other_zones_are_refused(self, data: Client) -> None:
        data.made(f"{C}/disks", {"name": "far", "sizeGb": "10"})
        refused(
            data.post(f"{B}/instances/m1/attachDisk", {"source": f"{C}/disks/far"}),
            400,
            "invalid",
            "same zone",
        )

    def test_disks_only_grow(self, data: Client) -> None:
        text = "New disk size '5' GB must be larger than existing size '10' GB."
        refused(data.post(f"{B}/disks/data/resize", {"sizeGb": "5"}), 400, "invalid", text)
        data.post(f"{B}/disks/data/resize", {"sizeGb": 20})
        assert data.get(f"{B}/disks/data")["sizeGb"] == "20"

    def test_a_snapshot_makes_a_disk(self, data: Client) -> None:
        assert data.post(f"{B}/disks/data/createSnapshot", {"name": "snap"}).status == 200
        made = data.made(f"{C}/disks", {"name": "copy", "sourceSnapshot": "global/snapshots/snap"})
        assert (made["sizeGb"], made["sourceSnapshot"].endswith("snapshots/snap")) == ("10", True)


class TestLife:
    def test_a_stop_gives_the_ephemeral_address_back(self, cloud: Client) -> None:
        cloud.post(f"{B}/instances/m1/addAccessConfig?networkInterface=nic0", {})
        before = cloud.get(f"{B}/instances/m1")["networkInterfaces"][0]
        cloud.post(f"{B}/instances/m1/stop")
        stopped = cloud.get(f"{B}/instances/m1").body
        assert (stopped["status"], "natIP" in stopped["networkInterfaces"][0]["accessConfigs"][0]) == (
            "TERMINATED",
            False,
        )
        assert stopped["networkInterfaces"][0]["fingerprint"] != before["fingerprint"]
        cloud.post(f"{B}/instances/m1/start")
        assert cloud.get(f"{B}/instances/m1")["networkInterfaces"][0]["accessConfigs"][0]["natIP"]

    def test_the_machine_type_changes_when_stopped(self, cloud: Client) -> None:
        body = {"machineType": f"{B}/machineTypes/e2-small"}
        assert cloud.post(f"{B}/instances/m1/setMachineType", body).status == 400
        cloud.post(f"{B}/instances/m1/stop")
        assert cloud.post(f"{B}/instances/m1/setMachineType", body).status == 200

    def test_deletion_protection(self, cloud: Client) -> None:
        cloud.post(f"{B}/instances/m1/setDeletionProtection?deletionProtection=true")
        refused(cloud.delete(f"{B}/instances/m1"), 400, "invalidResourceUsage", "protected against deletion")

    def test_events_tell_the_guest_model(self, simulator: Simulator, cloud: Client) -> None:
        seen: list[str] = []
        simulator.lab.events.subscribe(
            "*", lambda event, key="", **_: seen.append(f"{event} {key.rsplit('/', 1)[-1]}")
        )
        for action in ("stop", "start", "reset"):
            cloud.post(f"{B}/instances/m1/{action}")
        cloud.delete(f"{B}/instances/m1")
        assert [e for e in seen if e.startswith("instance")] == [
            "instance.stopping m1",
            "instance.stopped m1",
            "instance.started m1",
            "instance.reset m1",
            "instance.stopping m1",
            "instance.deleted m1",
        ]

    def test_guest_attributes_need_the_switch(self, simulator: Simulator, cloud: Client) -> None:
        path = f"{B}/instances/m1/getGuestAttributes?queryPath=ha/"
        simulator.lab.store.put("guestAttributes", f"{P}/{B}/instances/m1", {"ha": {"ready": "yes"}})
        assert cloud.get(path).status == 404
        current = cloud.get(f"{B}/instances/m1")["metadata"]["fingerprint"]
        items = [{"key": "enable-guest-attributes", "value": "TRUE"}]
        cloud.post(f"{B}/instances/m1/setMetadata", {"fingerprint": current, "items": items})
        assert cloud.get(path)["queryValue"]["items"] == [{"namespace": "ha", "key": "ready", "value": "yes"}]


class TestNetworks:
    @pytest.mark.parametrize("cidr", ["10.0.0.0/25", "10.8.1.0/24", "10.0.0.0/8"])
    def test_ranges_must_not_overlap(self, cloud: Client, cidr: str) -> None:
        body = {"name": "s2", "network": "global/networks/n", "ipCidrRange": cidr}
        refused(cloud.post(f"{R}/subnetworks", body), 400, "invalid", "conflicts with existing subnetwork")

    def test_a_subnet_grows(self, cloud: Client) -> None:
        assert (
            cloud.post(f"{R}/subnetworks/s/expandIpCidrRange", {"ipCidrRange": "10.0.0.0/20"}).status == 200
        )
        assert (
            cloud.post(f"{R}/subnetworks/s/expandIpCidrRange", {"ipCidrRange": "10.0.0.0/24"}).status == 400
        )

    def test_a_subnets_patch_needs_its_fingerprint(self, cloud: Client) -> None:
        body = {"fingerprint": "AAAA", "secondaryIpRanges": []}
        refused(cloud.patch(f"{R}/subnetworks/s", body), 412, "conditionNotMet", "Invalid fingerprint.")

    def test_alias_blocks_come_from_the_secondary_range(self, cloud: Client) -> None:
        alias = {"aliasIpRanges": [{"subnetworkRangeName": "pods", "ipCidrRange": "/24"}]}
        blocks = [
            cloud.made(f"{B}/instances", vm(name, nic=alias))["networkInterfaces"][0]["aliasIpRanges"][0][
                "ipCidrRange"
            ]
            for name in ("a", "b")
        ]
        assert blocks == ["10.8.0.0/24", "10.8.1.0/24"]

    def test_one_nat_for_all_subnets(self, cloud: Client) -> None:
        nat = {
            "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
            "natIpAllocateOption": "AUTO_ONLY",
        }
        cloud.made(f"{R}/routers", {"name": "r", "network": "global/networks/n"})
        assert cloud.patch(f"{R}/routers/r", {"nats": [nat | {"name": "a"}]}).status == 200
        assert (
            cloud.patch(f"{R}/routers/r", {"nats": [nat | {"name": "a"}, nat | {"name": "b"}]}).status == 400
        )

    def test_a_nat_holds_its_address(self, cloud: Client) -> None:
        nat = {"name": "a", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}
        nat |= {"natIpAllocateOption": "MANUAL_ONLY", "natIps": [f"{R}/addresses/api"]}
        cloud.made(f"{R}/routers", {"name": "r", "network": "global/networks/n", "nats": [nat]})
        refused(cloud.delete(f"{R}/addresses/api"), 400, "resourceInUseByAnotherResource", "routers/r")

    def test_a_firewall_allows_or_denies(self, cloud: Client) -> None:
        body = {
            "name": "f",
            "network": "global/networks/n",
            "allowed": [{"IPProtocol": "tcp", "ports": ["2379-2380"]}],
        }
        assert cloud.made("global/firewalls", body)["sourceRanges"] == ["0.0.0.0/0"]
        both = body | {"name": "g", "denied": [{"IPProtocol": "udp"}]}
        refused(cloud.post("global/firewalls", both), 400, "invalid", "Exactly one of allowed and denied")

    def test_default_routes_come_with_a_network(self, cloud: Client) -> None:
        link = cloud.get("global/networks/n")["selfLink"]
        found = cloud.get(
            f"global/routes?filter=(network%3D%22{link}%22)%20AND%20(destRange%3D%220.0.0.0/0%22)"
        )
        assert [r["nextHopGateway"].rsplit("/", 1)[-1] for r in found["items"]] == [
            "default-internet-gateway"
        ]


def test_self_links_are_googles(cloud: Client) -> None:
    assert (
        cloud.get(f"{B}/instances/m1")["selfLink"]
        == f"https://www.googleapis.com/compute/v1/{P}/{B}/instances/m1"
    )


@pytest.mark.parametrize(
    "host",
    [
        "https://www.googleapis.com/compute/v1/",
        "https://compute.googleapis.com/compute/beta/",
        "http://127.0.0.1:1/compute/v1/",
        "",
    ],
)
def test_references_under_any_host(cloud: Client, host: str) -> None:
    body = {"name": "t", "instance": f"{host}{P}/{B}/instances/m1"}
    assert (
        cloud.made(f"{B}/targetInstances", body)["instance"]
        == f"https://www.googleapis.com/compute/v1/{P}/{B}/instances/m1"
    )


def test_image_families(cloud: Client) -> None:
    base = "/compute/v1/projects/debian-cloud"
    newest = cloud.get(f"{base}/global/images/family/debian-12")["name"]
    assert cloud.get(f"{base}/zones/-/imageFamilyViews/debian-12")["image"]["name"] == newest
    assert cloud.get(f"{base}/global/images/debian-12").status == 404
