"""The API's address inside the network: who stands behind it, and who is told of it."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.components.recording import Run, run_program
from tests.components.stacks import stack

ADDRESS = "gcp:compute/address:Address"
FORWARDING_RULE = "gcp:compute/forwardingRule:ForwardingRule"


@pytest.fixture(scope="module")
def beside() -> Run:
    """One replica, with an internal address beside the public one."""
    return run_program(stack(1, api={"internal": "beside"}))


@pytest.fixture(scope="module")
def only() -> Run:
    return run_program(stack(3, api={"internal": "only"}))


def test_an_internal_rule_has_a_backend_service_from_the_first_replica_on(beside: Run) -> None:
    assert beside["api-internal-rule"].property_dependencies["backendService"] == {"api-lb-internal"}
    assert beside["api-rule"].property_dependencies["target"] == {"api-target-m1-b"}


def test_an_internal_rule_comes_when_all_serve_and_the_public_one_stands(beside: Run) -> None:
    """With the address in their certificates, that is, and let through to them."""
    before = {
        "etcd-joined",
        "api-ready",
        "api-clients",
        "api-lb-internal-probes",
        "api-lb-m1-b",
        "m1-b-ready",
    }
    assert before <= beside.waits_for("api-internal-rule")


def test_nobody_leaves_before_the_internal_address_is_served(beside: Run, only: Run) -> None:
    for run in (beside, only):
        assert "api-internal-ready" in run.waits_for("etcd-desired-retained")


def test_both_balancers_have_the_same_groups() -> None:
    run = run_program(stack(3, api={"internal": "beside"}))
    services = [run[name].inputs for name in ("api-lb-backends", "api-lb-internal")]
    assert services[0]["backends"] == services[1]["backends"]
    assert [each["loadBalancingScheme"] for each in services] == ["EXTERNAL", "INTERNAL"]


def test_an_internal_rule_names_its_subnetwork_and_ports(beside: Run) -> None:
    """`portRange` and a network of another subnetwork are refused by Google."""
    rule = beside["api-internal-rule"].inputs
    assert (rule["ports"], rule["subnetwork"].rpartition("/")[2], rule["allowGlobalAccess"]) == (
        ["443"],
        "dev-masters",
        True,
    )
    assert not {"portRange", "network"} & rule.keys()


def test_with_the_internal_address_alone_nothing_is_public(only: Run) -> None:
    schemes = {each.inputs["loadBalancingScheme"] for each in only.of_type(FORWARDING_RULE)}
    public = {each.name for each in only.of_type(ADDRESS) if each.inputs["addressType"] == "EXTERNAL"}
    assert (schemes, public) == ({"INTERNAL"}, {"network-nat-address"})
    assert "203.0.113.11/32" not in only["api-clients"].inputs["sourceRanges"]


def test_masters_know_both_addresses_and_tell_of_the_public_one(beside: Run, only: Run) -> None:
    for run, internal in ((beside, beside.outputs["internalAddress"]), (only, None)):
        metadata = run["m1-b-vm"].inputs["metadata"]
        assert metadata["api-address"] == run.outputs["address"]
        assert metadata.get("api-internal-address") == internal


def test_certificates_name_every_address_of_the_api(beside: Run) -> None:
    names = beside["m1-b-apiserver-csr"].inputs["ipAddresses"]
    assert {beside.outputs["address"], beside.outputs["internalAddress"]} <= set(names)


def test_workers_reach_the_api_inside_where_they_can() -> None:
    pool = {"name": "web", "zones": ["europe-west1-b"], "size": 1}
    run = run_program(stack(1, api={"internal": "beside"}, pools=[pool]))
    [template] = run.of_type("gcp:compute/regionInstanceTemplate:RegionInstanceTemplate")
    told = json.loads(template.inputs["metadata"]["worker-config"])
    assert told["apiAddress"] == run.outputs["internalAddress"]


def test_a_name_moves_once_what_it_leads_to_is_served() -> None:
    named = {"internal": "only", "dnsName": "api.example.com", "managedZone": "example"}
    run = run_program(stack(1, api=named))
    assert run["api-dns"].inputs["rrdatas"] == [run.outputs["internalAddress"]]
    assert "api-internal-ready" in run.waits_for("api-dns")


def test_each_address_has_a_kubeconfig(beside: Run) -> None:
    servers = {
        output: yaml.safe_load(beside.outputs[output])["clusters"][0]["cluster"]["server"]
        for output in ("kubeconfig", "internalKubeconfig")
    }
    assert servers == {
        "kubeconfig": beside.outputs["endpoint"],
        "internalKubeconfig": beside.outputs["internalEndpoint"],
    }
