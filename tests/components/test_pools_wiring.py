"""Pools of workers, and load balancers of Services: in what order they come and go, and who may do what."""

from __future__ import annotations

import json

import pytest

from components.workers import AUTOSCALER_MAY
from node.contract.secret_files import NEEDED
from tests.components.recording import Run, run_program
from tests.components.stacks import stack


@pytest.fixture(scope="module")
def one() -> Run:
    return run_program(stack(1))


def test_a_spot_pool_says_all_that_google_would_fill_in() -> None:
    pool = {"name": "web", "zones": ["europe-west1-b"], "size": 1, "spot": True}
    [template] = run_program(stack(1, pools=[pool])).of_type(
        "gcp:compute/regionInstanceTemplate:RegionInstanceTemplate"
    )
    assert template.inputs["scheduling"] == {
        "provisioningModel": "SPOT",
        "preemptible": True,
        "automaticRestart": False,
        "onHostMaintenance": "TERMINATE",
        "instanceTerminationAction": "STOP",
    }


AUTOSCALER = ("DaemonSet", "cluster-autoscaler")
WEB = {"name": "web", "zones": ["europe-west1-b", "europe-west1-c"], "size": 2}


@pytest.fixture(scope="module")
def pools() -> Run:
    return run_program(stack(1, pools=[WEB]))


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        pytest.param("workers-desired-pools", "api-ready", id="nobody joins before the API answers"),
        pytest.param("workers-desired-pools", "pool-web-group-c", id="masters hear of groups that are there"),
        pytest.param("workers-desired-pools", "workers-release-access", id="workers can read their program"),
        pytest.param("workers-desired-pools", "workers-masters-access", id="masters may make machines"),
        pytest.param("workers-desired-pools", "workers-pods", id="pods can reach one another"),
        pytest.param("workers-settled", "workers-desired-pools", id="pools are waited for"),
        pytest.param("workers-base-addons", "api-ready", id="no kube-proxy is newer than an apiserver"),
        pytest.param("pool-web-guard-b", "pool-web-group-b", id="a guard goes before its group"),
        pytest.param("etcd-end", "pool-web-guard-b", id="guards hear of the end first"),
        pytest.param("etcd-end", "workers-leave", id="nobody is drained for a cluster that ends"),
        pytest.param("workers-leave", "workers-desired-pools", id="masters are told before the list goes"),
        pytest.param("workers-leave", "workers-masters-access", id="and may drain until all are gone"),
        pytest.param("workers-leave", "pool-web-group-b", id="and the groups are there"),
        pytest.param("etcd-left", "workers-leave", id="no careless destroy drains them"),
        pytest.param("etcd-left", "workers-desired-pools", id="no careless destroy takes the list away"),
        pytest.param("etcd-left", "pool-web-group-b", id="nor the groups"),
    ],
)
def test_order_with_pools(pools: Run, later: str, earlier: str) -> None:
    assert earlier in pools.waits_for(later)


def test_members_that_leave_do_not_wait_for_pools(pools: Run) -> None:
    assert "workers-settled" not in pools.waits_for("etcd-left")


@pytest.fixture(scope="module")
def scaled() -> Run:
    return run_program(stack(1, pools=[{"name": "web", "zones": WEB["zones"], "min": 0, "max": 5}]))


def test_the_autoscaler_is_told_of_each_zones_group(scaled: Run) -> None:
    items = json.loads(scaled["workers-base-addons"].inputs["content"]["value"])["items"]
    [pods] = [each for each in items if (each["kind"], each["metadata"]["name"]) == AUTOSCALER]
    command = pods["spec"]["template"]["spec"]["containers"][0]["command"]
    place = "https://www.googleapis.com/compute/v1/projects/lab-project/zones/europe-west1"
    assert [each for each in command if each.startswith("--nodes=")] == [
        f"--nodes=0:5:{place}-{letter}/instanceGroups/dev-web-{letter}" for letter in "bc"
    ]
    assert {"Deployment/coredns", "DaemonSet/kube-proxy"} <= {
        f"{each['kind']}/{each['metadata']['name']}" for each in items
    }, "a first node comes because somebody waits for it"


def test_masters_may_read_what_the_autoscaler_reads_where_there_is_one(pools: Run, scaled: Run) -> None:
    more = set(scaled["workers-masters-role"].inputs["permissions"])
    assert more - set(pools["workers-masters-role"].inputs["permissions"]) == set(AUTOSCALER_MAY)


def test_a_pool_comes_to_scale_without_another_template(pools: Run, scaled: Run) -> None:
    told = [run["pool-web-template"].inputs for run in (pools, scaled)]
    assert told[0] == told[1]
    assert told[0]["metadata"]["kube-env"] == (
        "AUTOSCALER_ENV_VARS: node_labels=ha-masters.dev/pool=web;node_taints=;os=linux;arch=amd64"
    )


def test_labels_and_taints_are_what_a_node_that_comes_will_have() -> None:
    taint = {"key": "dedicated", "value": "web", "effect": "NoSchedule"}
    run = run_program(stack(1, pools=[{**WEB, "labels": {"example.com/tier": "web"}, "taints": [taint]}]))
    told = run["pool-web-template"].inputs["metadata"]["kube-env"]
    assert "node_labels=ha-masters.dev/pool=web,example.com/tier=web;" in told
    assert ";node_taints=dedicated=web:NoSchedule;" in told


def test_a_group_is_made_empty_and_keeps_its_size(pools: Run) -> None:
    group = pools["pool-web-group-b"]
    assert (group.inputs["targetSize"], group.ignore_changes) == (0, {"targetSize"})
    assert group.inputs["updatePolicy"]["type"] == "OPPORTUNISTIC"


def test_a_template_is_replaced_by_one_of_another_name_which_comes_first(pools: Run) -> None:
    other = run_program(stack(1, pools=[{**WEB, "labels": {"example.com/tier": "web"}}]))
    template, successor = pools["pool-web-template"], other["pool-web-template"]
    assert template.delete_before_replace is False
    assert template.inputs["name"] != successor.inputs["name"]
    assert run_program(stack(1, pools=[{**WEB, "size": 3}]))["pool-web-template"].inputs == template.inputs


def test_a_worker_has_no_secret_and_reads_its_program_only(pools: Run) -> None:
    template = pools["pool-web-template"]
    assert "secret" not in template.inputs["metadata"]
    assert template.inputs["serviceAccount"]["email"] == "dev-workers@lab-project.iam.gserviceaccount.com"
    [access] = [
        each.inputs
        for each in pools.resources.values()
        if each.inputs.get("member") == "serviceAccount:dev-workers@lab-project.iam.gserviceaccount.com"
    ]
    assert access["role"] == "roles/storage.objectViewer"
    assert access["condition"]["expression"] == (
        'resource.name.startsWith("projects/_/buckets/lab-project-dev-masters/objects/agent/")'
    )


def test_no_rule_lets_workers_reach_etcd(pools: Run) -> None:
    rules = pools.of_type("gcp:compute/firewall:Firewall")
    towards_masters = [rule for rule in rules if "dev-master" in rule.inputs["targetTags"]]
    assert not [rule for rule in towards_masters if "dev-worker" in rule.inputs.get("sourceTags", ())]


def test_nodes_are_given_what_makes_services_and_names_work(pools: Run) -> None:
    addons = pools["workers-base-addons"]
    assert addons.inputs["name"] == "addons/base.json"
    items = json.loads(addons.inputs["content"]["value"])["items"]
    assert [each["metadata"]["name"] for each in items if "template" in each.get("spec", {})] == [
        "kube-proxy",
        "coredns",
        "metrics-server",
    ]
    [known] = [each["data"]["ca.crt"] for each in items if "ca.crt" in each.get("data", {})]
    assert known.count("certificate pki-") == 2, "masters' kubelets and workers' have an authority each"


def test_without_pools_nothing_is_made_for_them(one: Run) -> None:
    assert not [name for name in one.resources if name.startswith(("pool-", "workers"))]
    assert "pools" not in one.outputs


def test_masters_get_the_authority_of_workers_kubelets_only_with_pools(one: Run, pools: Run) -> None:
    without, with_pools = (set(json.loads(_secret(run))) for run in (one, pools))
    assert without == NEEDED
    assert with_pools == NEEDED | {"kubelet-serving-ca.crt", "kubelet-serving-ca.key"}


def _secret(run: Run) -> str:
    return str(run["m1-b-secret-version"].inputs["secretData"]["value"])


@pytest.fixture(scope="module")
def services() -> Run:
    return run_program(
        stack(1, pools=[{"name": "web", "zones": ["europe-west1-b"], "size": 1}], cloudController="services")
    )


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        pytest.param("m1-b-vm", "cloud-controller-access", id="masters may before they do"),
        pytest.param(
            "cloud-controller-leave", "etcd-left", id="nothing is destroyed while load balancers stand"
        ),
        pytest.param("cloud-controller-leave", "etcd-end", id="nor is the end announced"),
        pytest.param("cloud-controller-leave", "pool-web-group-b", id="nor do workers go"),
        pytest.param("cloud-controller-leave", "cloud-controller-access", id="nor the rights"),
    ],
)
def test_order_with_load_balancers_of_services(services: Run, later: str, earlier: str) -> None:
    assert earlier in services.waits_for(later)


def test_masters_are_told_of_load_balancers_only_with_them(pools: Run, services: Run) -> None:
    told = json.loads(services["m1-b-vm"].inputs["metadata"]["cloud-controller"])
    assert told["nodeTag"] in services["pool-web-template"].inputs["tags"]
    assert (told["network"], told["subnetwork"], told["project"]) == ("dev", "dev-masters", "lab-project")
    assert "cloud-controller" not in pools["m1-b-vm"].inputs["metadata"]


def test_the_manager_has_rights_in_the_cluster_only_where_it_runs(pools: Run, services: Run) -> None:
    def names(run: Run) -> set[str]:
        content = json.loads(run["workers-base-addons"].inputs["content"]["value"])
        return {each["metadata"]["name"] for each in content["items"]}

    assert {each for each in names(services) if "cloud-controller" in each} == {
        "ha-masters:cloud-controller-manager",
        "ha-masters:cloud-controller-manager-cloud-provider",
        "ha-masters:cloud-controller-manager-lease",
    }
    assert not {each for each in names(pools) if "cloud-controller" in each}
