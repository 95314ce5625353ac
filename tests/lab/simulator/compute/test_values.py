"""Values that Google refuses alone or together, those that it takes in another writing, and what isn't simulated."""

from __future__ import annotations

from typing import Any

import pytest

from lab.simulator.client import Client
from tests.lab.simulator.compute.bodies import B, R, refused, rule, vm

NAT = {"name": "nat", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}
DYNAMIC = {"enableDynamicPortAllocation": True}
HTTP = {"name": "h", "type": "HTTP"}
GPU = {"acceleratorType": f"{B}/acceleratorTypes/nvidia-tesla-t4", "acceleratorCount": 1}
TERMINATES = {"onHostMaintenance": "TERMINATE"}
N1 = {"machineType": f"{B}/machineTypes/n1-standard-1"}


def router(**nat: Any) -> dict[str, Any]:
    return {"name": "r", "network": "global/networks/n", "nats": [NAT | nat]}


def service(**more: Any) -> dict[str, Any]:
    common = {"name": "other", "loadBalancingScheme": "EXTERNAL", "protocol": "TCP"}
    return common | {"healthChecks": [f"{R}/healthChecks/hc"]} | more


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        pytest.param(f"{R}/routers", router(minPortsPerVm=1), "minPortsPerVm", id="one port for a VM"),
        pytest.param(f"{R}/routers", router(minPortsPerVm=64000), "minPortsPerVm", id="too many ports"),
        pytest.param(
            f"{R}/routers", router(minPortsPerVm=100, **DYNAMIC), "minPortsPerVm", id="no power of 2"
        ),
        pytest.param(f"{R}/routers", router(maxPortsPerVm=128), "maxPortsPerVm", id="most, but not dynamic"),
        pytest.param(
            f"{R}/routers",
            router(minPortsPerVm=64, maxPortsPerVm=64, **DYNAMIC),
            "maxPortsPerVm",
            id="most is least",
        ),
        pytest.param(
            f"{R}/routers",
            router(enableEndpointIndependentMapping=True, **DYNAMIC),
            "enableEndpointIndependentMapping",
            id="dynamic and independent of endpoints",
        ),
        pytest.param(
            f"{R}/healthChecks",
            HTTP | {"httpHealthCheck": {"requestPath": "livez"}},
            "requestPath",
            id="no slash first",
        ),
        pytest.param(
            f"{R}/healthChecks",
            HTTP | {"httpHealthCheck": {"portSpecification": "USE_NAMED_PORT"}},
            "portName",
            id="a named port without its name",
        ),
        pytest.param(
            f"{R}/healthChecks",
            HTTP | {"httpHealthCheck": {"portSpecification": "USE_SERVING_PORT", "port": 80}},
            "portSpecification",
            id="the serving port, and another",
        ),
        pytest.param(
            f"{R}/backendServices",
            service(connectionDraining={"drainingTimeoutSec": 3601}),
            "connectionDraining.drainingTimeoutSec",
            id="drained for more than an hour",
        ),
        pytest.param(
            f"{R}/backendServices",
            service(failoverPolicy={"failoverRatio": 1.5}),
            "failoverPolicy.failoverRatio",
            id="more than all of them",
        ),
        pytest.param(
            f"{B}/instances",
            vm("m2", scheduling={"instanceTerminationAction": "DELETE"}),
            "scheduling.instanceTerminationAction",
            id="what becomes of a VM that nothing ends",
        ),
    ],
)
def test_a_value_that_is_refused(balanced: Client, path: str, body: dict[str, Any], field: str) -> None:
    refused(balanced.post(path, body), 400, "invalid", field)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        pytest.param({}, "[e2-medium, nvidia-tesla-t4] features are not compatible", id="on E2"),
        pytest.param(N1, "do not support live migration", id="on a VM that moves"),
    ],
)
def test_where_no_accelerator_goes(cloud: Client, more: dict[str, Any], text: str) -> None:
    refused(cloud.post(f"{B}/instances", vm("m2", guestAccelerators=[GPU]) | more), 400, "badRequest", text)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        pytest.param(f"{R}/routers", router(rules=[{"ruleNumber": 1}]), "nats[0].rules", id="rules of a NAT"),
        pytest.param(f"{R}/routers", router(type="PRIVATE"), "private NAT", id="a private NAT"),
        pytest.param(f"{R}/backendServices", service(iap={"enabled": True}), "resource.iap", id="IAP"),
        pytest.param(
            f"{R}/forwardingRules",
            rule(
                name="steered",
                backendService=f"{R}/backendServices/bs",
                sourceIpRanges=["198.51.100.0/24"],
            ),
            "resource.sourceIpRanges",
            id="steering by the source",
        ),
        pytest.param(
            f"{R}/forwardingRules",
            rule(name="steered", backendService=f"{R}/backendServices/bs", sourceIpRanges=["198.51.100.0/24"])
            | {"portRange": None},
            "resource.sourceIpRanges",
            id="steering without ports",
        ),
        pytest.param(
            f"{R}/forwardingRules",
            rule(name="six", backendService=f"{R}/backendServices/bs", IPAddress="2600:1901::/96"),
            "IPv6",
            id="a rule of IPv6",
        ),
        pytest.param(f"{R}/addresses", {"name": "six", "ipVersion": "IPV6"}, "IPv6", id="an address of IPv6"),
        pytest.param(
            f"{R}/addresses",
            {"name": "vlan", "addressType": "INTERNAL", "purpose": "IPSEC_INTERCONNECT"},
            "IPSEC_INTERCONNECT",
            id="an address for an interconnect",
        ),
        pytest.param(
            f"{R}/backendServices",
            service(protocol="HTTP", iap={"enabled": True}),
            "resource.iap",
            id="IAP for HTTP",
        ),
        pytest.param(
            f"{R}/subnetworks",
            {"name": "six", "network": "global/networks/n", "stackType": "IPV6_ONLY"},
            "IPv6",
            id="a subnet of IPv6",
        ),
    ],
)
def test_what_would_move_packets_is_not_dropped(
    balanced: Client, path: str, body: dict[str, Any], field: str
) -> None:
    refused(balanced.post(path, body), 501, "notImplemented", field)


def test_an_external_rule_of_a_service_may_name_no_ports(balanced: Client) -> None:
    body = rule(name="all", backendService=f"{R}/backendServices/bs", IPAddress=None) | {"portRange": None}
    assert balanced.made(f"{R}/forwardingRules", body)["portRange"] == "1-65535"


def test_a_put_changes_nothing_in_silence(cloud: Client) -> None:
    present = cloud.get(f"{B}/instances/m1").body
    changed = present | {"advancedMachineFeatures": {"threadsPerCore": 1}}
    assert cloud.put(f"{B}/instances/m1", present).status == 200
    refused(
        cloud.put(f"{B}/instances/m1", changed), 501, "notImplemented", "resource.advancedMachineFeatures"
    )


def test_features_of_an_attachment_are_not_dropped(cloud: Client) -> None:
    cloud.made(f"{B}/disks", {"name": "data", "sizeGb": "10"})
    disk = {"source": f"{B}/disks/data", "guestOsFeatures": [{"type": "GVNIC"}]}
    reply = cloud.post(f"{B}/instances/m1/attachDisk", disk)
    refused(reply, 501, "notImplemented", "resource.guestOsFeatures")


def test_med_is_compared_in_standard_mode_alone(cloud: Client) -> None:
    def routed(**config: Any) -> int:
        return cloud.patch("global/networks/n", {"routingConfig": config}).status

    assert routed(bgpBestPathSelectionMode="STANDARD", bgpAlwaysCompareMed=False) == 200
    assert routed(bgpBestPathSelectionMode="LEGACY") == 400
    assert routed(bgpBestPathSelectionMode="LEGACY", deleteBgpAlwaysCompareMed=True) == 200
    assert "bgpAlwaysCompareMed" not in cloud.get("global/networks/n")["routingConfig"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        pytest.param({}, 200, id="nobody is behind it"),
        pytest.param({"backends": [{"group": f"{B}/instanceGroups/ig"}]}, 400, id="a group is"),
        pytest.param({"loadBalancingScheme": "INTERNAL"}, 400, id="inside"),
    ],
)
def test_when_a_service_needs_no_health_check(balanced: Client, more: dict[str, Any], status: int) -> None:
    assert balanced.post(f"{R}/backendServices", service(healthChecks=[]) | more).status == status


@pytest.mark.parametrize("written", ["automatic", "AuToMaTiC"])
def test_an_automatic_platform_is_shown_as_none(cloud: Client, written: str) -> None:
    """`ComputeInstanceMinCpuPlatformEmptyOrAutomaticDiffSuppress` of the provider says so."""
    assert "minCpuPlatform" not in cloud.made(f"{B}/instances", vm("m2", minCpuPlatform=written))


def test_forwarding_can_be_allowed_while_it_runs(cloud: Client) -> None:
    """The provider does it without a stop, in TestAccComputeInstance_updateRunning and others."""
    present = cloud.get(f"{B}/instances/m1").body
    assert cloud.put(f"{B}/instances/m1", present | {"canIpForward": True}).status == 200
    assert cloud.get(f"{B}/instances/m1").body["canIpForward"] is True


def test_an_hour_may_have_one_digit(cloud: Client) -> None:
    """TestAccComputeResourcePolicy_resourcePolicyFullExample begins at 4:00."""
    daily = {"daysInCycle": 1, "startTime": "4:00"}
    body = {"name": "p", "snapshotSchedulePolicy": {"schedule": {"dailySchedule": daily}}}
    made = cloud.made(f"{R}/resourcePolicies", body)
    assert made["snapshotSchedulePolicy"]["schedule"]["dailySchedule"]["startTime"] == "04:00"


def test_addresses_that_are_drained_are_shown_whole(cloud: Client) -> None:
    cloud.made(f"{R}/addresses", {"name": "old"})
    given = {"natIpAllocateOption": "MANUAL_ONLY", "natIps": [f"{R}/addresses/api"]}
    made = cloud.made(f"{R}/routers", router(**given, drainNatIps=[f"{R}/addresses/old"]))
    assert made["nats"][0]["drainNatIps"] == [cloud.get(f"{R}/addresses/old")["selfLink"]]


def test_an_internal_address_is_of_the_default_network(cloud: Client) -> None:
    cloud.made("global/networks", {"name": "default", "autoCreateSubnetworks": True})
    made = cloud.made(f"{R}/addresses", {"name": "inside", "addressType": "INTERNAL"})
    assert made["subnetwork"].endswith(f"/{R}/subnetworks/default")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("POST", f"{R}/routers", router(initialNatIps=[]), id="NAT"),
        pytest.param("PATCH", "global/networks/n", {"mtu": 1500, "fingerprint": None}, id="network"),
        pytest.param(
            "POST", f"{B}/disks/m1/createSnapshot", {"name": "s", "zone": "europe-west1-b"}, id="snapshot"
        ),
    ],
)
def test_what_the_provider_sends_and_no_schema_has(
    cloud: Client, method: str, path: str, body: dict[str, Any]
) -> None:
    assert cloud.call(method, path, body).status == 200
