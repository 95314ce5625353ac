"""From what a look found to lines, worst first."""

from __future__ import annotations

from typing import Any

import pytest

from components.preflight.facts import Image, MachineType, Made, Quota, Unasked
from components.preflight.judge import judge
from tests.components.preflight.projects import ALLOWED, project, stack

THREE = stack(3)
TYPE = THREE.replicas[0].machine_type
IMAGE = THREE.masters.image


def test_of_a_project_that_is_ready_everything_is_said_to_be_well() -> None:
    lines = judge(THREE, project(THREE))
    assert {line.verdict for line in lines} == {"ok"}
    assert [line.check for line in lines] == [
        "apis", "policies", "quotas", "image", "zones", "machine types", "bucket"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        pytest.param(
            {"services": {"compute.googleapis.com": True, "iam.googleapis.com": True}},
            "secretmanager.googleapis.com and storage.googleapis.com are not enabled in the project lab-project. Run "
            "`gcloud services enable secretmanager.googleapis.com storage.googleapis.com --project=lab-project`.",
            id="apis",
        ),
        pytest.param(
            {"policies": {"compute.restrictLoadBalancerCreationForTypes": ({"denyAll": True},)}},
            "The organization policy compute.restrictLoadBalancerCreationForTypes forbids external passthrough load "
            "balancers, by which several masters are reached. Ask who administers the organization for an exception for "
            "this project, with the value EXTERNAL_NETWORK_TCP_UDP.",
            id="load balancer",
        ),
        pytest.param(
            {"quotas": (Quota("CPUS", 8, 4),)},
            "The stack takes 6 of the quota CPUS, and 4 are left in europe-west1. Ask for more: "
            "https://console.cloud.google.com/iam-admin/quotas?project=lab-project.",
            id="quota",
        ),
        pytest.param(
            {"image": None}, f"masters.image: {IMAGE} doesn't exist, or you may not see it. Set another one.", id="image"
        ),
        pytest.param(
            {"image": Image("OBSOLETE", 10)},
            f"masters.image: {IMAGE} is OBSOLETE: no machine can be made of it. Set another one.",
            id="obsolete",
        ),
        pytest.param(
            {"image": Image("ACTIVE", 50)},
            f"masters.bootDiskSizeGb: 20 is smaller than the image {IMAGE}, of 50 GB. Set it to 50 at least.",
            id="boot disk",
        ),
        pytest.param(
            {"zones": {"europe-west1-b": "UP", "europe-west1-c": "DOWN", "europe-west1-d": "UP"}},
            "The zone europe-west1-c is DOWN. Wait, or choose another for its machines.",
            id="zone down",
        ),
        pytest.param(
            {"zones": {"europe-west1-b": None, "europe-west1-c": "UP", "europe-west1-d": "UP"}},
            "The zone europe-west1-b doesn't exist for this project. Choose another for its machines.",
            id="no such zone",
        ),
        pytest.param(
            {"types": {(zone, TYPE): None if zone.endswith("d") else MachineType(2) for zone in THREE.zones}},
            f"machineType: {TYPE} doesn't exist in europe-west1-d. Choose another type or zone.",
            id="no such machine type",
        ),
        pytest.param(
            {"image": Image("ACTIVE", 10, "ARM64")},
            f"machineType: {TYPE} is X86_64, and masters.image: {IMAGE} is ARM64. Choose those that go together.",
            id="architecture",
        ),
        pytest.param(
            {"bucket": "another's"},
            "clusterName: dev gives the bucket a name that somebody else has, and names of buckets are unique in the world. "
            "Choose another clusterName.",
            id="bucket",
        ),
    ],
)  # fmt: skip
def test_what_would_stop_an_update_comes_first(facts: dict[str, Any], text: str) -> None:
    facts = {
        key: ({**project(THREE).policies, **value} if key == "policies" else value)
        for key, value in facts.items()
    }
    first = judge(THREE, project(THREE, **facts))[0]
    assert (first.verdict, first.text) == ("stop", text)


def test_what_could_not_be_asked_is_neither_well_nor_a_stop() -> None:
    unasked = Unasked("Google answered 403 Forbidden")
    nothing = dict.fromkeys(project(THREE).policies, unasked)
    lines = judge(
        THREE,
        project(THREE, services=unasked, policies=nothing, quotas=unasked, image=unasked, bucket=unasked),
    )
    assert [line.check for line in lines if line.verdict == "unknown"] == [
        "apis", "policies", "quotas", "image", "bucket"
    ]  # fmt: skip
    assert all("403 Forbidden" in line.text for line in lines if line.verdict == "unknown")
    assert not [line for line in lines if line.verdict == "stop"]


def test_permissions_that_are_missing_are_named() -> None:
    seen = project(THREE, permissions=frozenset({"compute.disks.get"}))
    first = judge(THREE, seen, wanted=["compute.disks.create", "compute.disks.get"])[0]
    assert first.text.startswith("In the project lab-project you lack compute.disks.create. ")


def test_a_stack_that_stands_has_its_bucket_and_takes_what_is_new_only() -> None:
    seen = project(THREE, bucket="there", quotas=(Quota("CPUS", 8, 4),))
    assert {
        line.verdict for line in judge(THREE, seen, made=Made(frozenset({"m1-b", "m2-c"}), bucket=True))
    } == {"ok"}


def test_an_api_for_dns_is_asked_for_where_a_record_is_made() -> None:
    named = stack(3, api={"dnsName": "api.example.com", "managedZone": "zone"})
    services = {**project(named).services, "dns.googleapis.com": False}  # type: ignore[dict-item]
    assert "dns.googleapis.com is not enabled" in judge(named, project(named, services=services))[0].text
    assert judge(THREE, project(THREE, services=services))[0].verdict == "ok"


@pytest.mark.parametrize(
    ("config", "constraint", "rules", "verdict"),
    [
        pytest.param(
            stack(1), "compute.restrictProtocolForwardingCreationForTypes",
            ({"values": {"allowedValues": ["INTERNAL"]}},), "stop", id="one alone",
        ),
        pytest.param(
            stack(1, api={"loadBalancer": "always"}), "compute.restrictProtocolForwardingCreationForTypes",
            ({"values": {"allowedValues": ["INTERNAL"]}},), "ok", id="always balanced",
        ),
        pytest.param(
            stack(3, api={"internal": "beside"}), "compute.restrictLoadBalancerCreationForTypes",
            ({"values": {"allowedValues": ["EXTERNAL_NETWORK_TCP_UDP"]}},), "stop", id="no internal balancer",
        ),
        pytest.param(
            stack(1, api={"internal": "only"}), "compute.restrictLoadBalancerCreationForTypes",
            ({"values": {"allowedValues": ["INTERNAL_TCP_UDP"]}},), "ok", id="an internal balancer alone",
        ),
        pytest.param(
            stack(1, api={"internal": "only"}), "compute.restrictProtocolForwardingCreationForTypes",
            ({"values": {"allowedValues": ["INTERNAL"]}},), "ok", id="internal only, alone",
        ),
        pytest.param(
            stack(1), "compute.managed.restrictProtocolForwardingCreationForTypes",
            ({"enforce": True, "parameters": {"allowedSchemes": ["INTERNAL"]}},), "stop", id="managed",
        ),
        pytest.param(
            stack(1), "compute.managed.restrictProtocolForwardingCreationForTypes",
            ({"enforce": True, "parameters": {"allowedSchemes": ["INTERNAL", "EXTERNAL"]}},), "ok", id="managed, both",
        ),
        pytest.param(
            stack(1), "compute.managed.restrictProtocolForwardingCreationForTypes",
            ({"enforce": True, "condition": {"expression": "…"}},), "unknown", id="by a tag",
        ),
        pytest.param(
            stack(1), "compute.managed.restrictProtocolForwardingCreationForTypes", ({"enforce": False},), "ok",
            id="not enforced",
        ),
        pytest.param(THREE, "compute.vmExternalIpAccess", ({"denyAll": True},), "ok", id="no address of its own"),
        pytest.param(
            stack(3, masters={"publicAddresses": True}), "compute.vmExternalIpAccess", ({"denyAll": True},), "stop",
            id="addresses of their own",
        ),
        pytest.param(THREE, "iam.disableServiceAccountCreation", ({"enforce": True},), "stop", id="accounts"),
        pytest.param(
            THREE, "compute.trustedImageProjects", ({"values": {"allowedValues": ["projects/ours"]}},), "stop",
            id="image of another project",
        ),
        pytest.param(
            THREE, "compute.trustedImageProjects", ({"values": {"allowedValues": ["projects/debian-cloud"]}},), "ok",
            id="trusted image",
        ),
        pytest.param(
            THREE, "gcp.resourceLocations", ({"values": {"allowedValues": ["us-east1", "global"]}},), "stop",
            id="another region",
        ),
        pytest.param(
            THREE, "gcp.resourceLocations", ({"values": {"allowedValues": ["in:europe-west1-locations"]}},), "unknown",
            id="global is of no known group",
        ),
        pytest.param(
            THREE, "gcp.resourceLocations",
            ({"values": {"allowedValues": ["in:europe-west1-locations", "global"]}},), "ok", id="this region and global",
        ),
        pytest.param(
            THREE, "gcp.restrictNonCmekServices", ({"values": {"deniedValues": ["storage.googleapis.com"]}},), "stop",
            id="own keys",
        ),
    ],
)  # fmt: skip
def test_organization_policies(config: Any, constraint: str, rules: Any, verdict: str) -> None:
    policies = {**dict.fromkeys(project(config).policies, ALLOWED), constraint: rules}
    found = [line for line in judge(config, project(config, policies=policies)) if line.check == "policies"]
    assert found[0].verdict == verdict
