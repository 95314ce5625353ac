"""The order of an update of masters, told from the dependencies that the engine is given."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
import yaml

from tests.components.pins import ARTIFACTS
from tests.components.recording import RESERVED_ADDRESS, Run, run_program
from tests.components.stacks import EXISTING, ZONES, stack


@pytest.fixture(scope="module")
def one() -> Run:
    return run_program(stack(1))


@pytest.fixture(scope="module")
def three() -> Run:
    return run_program(stack(3))


def test_one_replica_has_no_load_balancer(one: Run) -> None:
    assert not [each for each in one.resources.values() if "api-lb" in each.name]


def test_one_replica_stands_behind_a_load_balancer_that_is_always_there() -> None:
    always = run_program(stack(1, api={"loadBalancer": "always"}))
    assert always["api-rule"].property_dependencies["backendService"] == {"api-lb-backends"}
    assert "api-target-m1-b" not in always


def test_the_only_replica_is_the_rules_target(one: Run) -> None:
    assert one["api-rule"].property_dependencies["target"] == {"api-target-m1-b"}
    assert "backendService" not in one["api-rule"].inputs


def test_a_target_instance_has_no_property_dependency_on_its_vm(one: Run) -> None:
    """Else replacing the VM would delete the target first, while the rule holds it."""
    assert one["api-target-m1-b"].property_dependencies["instance"] == frozenset()
    assert "m1-b-vm" in one["api-target-m1-b"].dependencies


def test_several_replicas_stand_behind_the_backend_service(three: Run) -> None:
    assert three["api-rule"].property_dependencies["backendService"] == {"api-lb-backends"}
    assert "target" not in three["api-rule"].inputs


def test_a_zone_has_one_group(three: Run) -> None:
    assert {each.name for each in three.of_type("gcp:compute/instanceGroup:InstanceGroup")} == {
        "api-lb-group-b",
        "api-lb-group-c",
        "api-lb-group-d",
    }


def test_membership_follows_its_vm(three: Run) -> None:
    """So a re-created VM is a member again, and the old one leaves before it is stopped."""
    assert three["api-lb-m2-c"].property_dependencies["instance"] == {"m2-c-vm"}


def test_members_are_declared_before_any_machine_boots(three: Run) -> None:
    for identity in ("m1-b", "m2-c", "m3-d"):
        assert "etcd-desired-members" in three[f"{identity}-vm"].dependencies


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        pytest.param("etcd-joined", "m3-d-vm", id="joined waits for the machines"),
        pytest.param("api-rule", "etcd-joined", id="the address moves once all have joined"),
        pytest.param("api-rule", "api-lb-m2-c", id="the address moves to a complete load balancer"),
        pytest.param("api-ready", "api-rule", id="the api gate looks behind the rule"),
        pytest.param("etcd-desired-retained", "api-ready", id="nobody is let go before the api answers"),
        pytest.param("etcd-left", "etcd-desired-retained", id="left waits for the release"),
        pytest.param("m1-b-vm", "m1-b-secret-access", id="a machine can read its secret when it boots"),
        pytest.param("m1-b-vm", "m1-b-turn", id="a machine goes down only in its turn"),
    ],
)
def test_order(three: Run, later: str, earlier: str) -> None:
    assert earlier in three.waits_for(later)


def _machines_without(failing: str, count: int, standing: list[str], **more: list[str]) -> set[str]:
    """Whose VM isn't made or changed while `failing` isn't done."""
    run = run_program(stack(count), standing=standing, failing=failing, **more)
    assert failing in run
    replicas = json.loads(stack(count)["ha-masters:replicas"])
    identities = {f"{each['name']}-{each['zone'][-1]}" for each in replicas}
    return {identity for identity in identities if f"{identity}-vm" not in run}


def test_a_first_creation_does_not_wait_in_the_chain() -> None:
    assert _machines_without("m1-b-ready", 3, []) == set()


def test_standing_replicas_take_turns() -> None:
    standing = ["m1-b", "m2-c", "m3-d"]
    assert _machines_without("m1-b-ready", 3, standing) == {"m2-c", "m3-d"}
    assert _machines_without("m2-c-ready", 3, standing) == {"m3-d"}


def test_neither_disk_nor_turn_comes_before_the_one_before_is_ready() -> None:
    run = run_program(stack(3), standing=["m1-b", "m2-c", "m3-d"], failing="m1-b-ready")
    assert not {"m2-c-turn", "m2-c-disk-turn", "m2-c-data", "m3-d-turn", "etcd-joined"} & run.resources.keys()


def test_a_newcomer_does_not_wait_for_those_who_stand() -> None:
    assert _machines_without("m2-c-ready", 3, ["m1-b", "m2-c"]) == set()


def test_newcomers_wait_for_a_sole_one() -> None:
    """Its restart must not meet the moment at which the second voter has joined and quorum is two."""
    assert _machines_without("m2-c-ready", 3, ["m2-c"]) == {"m1-b", "m3-d"}


def test_nobody_waits_for_a_sole_one_beside_a_disk_whose_machine_is_gone() -> None:
    """That one may be the voter without which the sole one can't be ready."""
    assert _machines_without("m2-c-ready", 2, ["m2-c"], disks=["m1-b", "m2-c"]) == set()


def test_who_replaces_a_sole_one_does_not_wait_for_it() -> None:
    swapped = run_program(stack(1), standing=["m9-b"])
    assert "m9-b-ready" not in swapped.waits_for("m1-b-vm")


def test_the_engine_has_few_paths_to_walk_after_a_delete_that_failed() -> None:
    """It walks each in two microseconds, and a chain of masters in the state would have made them ten thousand millions."""

    def paths(masters: int) -> int:
        replicas = [f"m{number + 1}-{ZONES[number % 3]}" for number in range(masters)]
        pools = [{"name": f"p{number}", "zones": ["europe-west1-b"], "size": 3} for number in range(3)]
        return run_program(stack(masters, pools=pools), standing=replicas).paths()

    three, seven = paths(3), paths(7)
    assert three < 1_000_000
    assert seven < 4 * three


def test_nothing_is_deleted_between_a_guards_word_and_what_it_guards(three: Run) -> None:
    """Deletes go the other way round. What died between is seen by the last guard before each delete."""
    order = ("etcd-end", "m2-c-departure-guard", "api-lb-m2-c", "m2-c-machine-guard", "m2-c-vm")
    for later, earlier in pairwise((*order, "m2-c-data-guard", "m2-c-data")):
        assert earlier in three[later].dependencies | three.waits_for(later)
    assert three["m2-c-machine-guard"].dependencies == {"m2-c-vm"}
    assert three["m2-c-data-guard"].dependencies == {"m2-c-data", "m2-c-address"}


def test_the_departure_of_a_master_is_guarded_without_a_load_balancer_too(one: Run) -> None:
    assert "m1-b-machine-guard" in one["m1-b-departure-guard"].dependencies
    assert "m1-b-departure-guard" in one["etcd-end"].dependencies


def test_the_rule_is_deleted_before_it_is_replaced(three: Run) -> None:
    assert three["api-rule"].delete_before_replace


def test_a_machine_is_replaced_with_its_turn_or_its_disk(three: Run) -> None:
    assert three["m1-b-vm"].replace_with == {"m1-b-turn"}
    assert "m1-b-data" in three["m1-b-vm"].property_dependencies["bootDisk"]
    assert three["m1-b-vm"].delete_before_replace


def test_a_disk_is_replaced_in_its_turn_only(three: Run) -> None:
    assert three["m1-b-data"].replace_with == {"m1-b-disk-turn"}
    assert "m1-b-disk-turn" in three["m1-b-data"].dependencies


def test_boot_disks_as_they_were_before_there_was_a_choice_are_no_change_of_a_turn(three: Run) -> None:
    """Another shape would be asked for by the turn of every machine that stands."""
    assert set(three["m1-b-turn"].inputs["shape"]) == {"machineType", "image", "bootDiskSizeGb"}


@pytest.mark.parametrize(
    ("masters", "boot", "data"),
    [
        pytest.param({}, "pd-balanced", "pd-ssd", id="by default"),
        pytest.param(
            {"machineType": "n4-standard-2"}, "hyperdisk-balanced", "hyperdisk-balanced", id="N4 takes no pd"
        ),
        pytest.param({"bootDiskType": "pd-ssd"}, "pd-ssd", "pd-ssd", id="as it is asked for"),
    ],
)
def test_types_of_disks_reach_google(masters: dict[str, Any], boot: str, data: str) -> None:
    run = run_program(stack(1, masters=masters))
    params = run["m1-b-vm"].inputs["bootDisk"]["initializeParams"]
    assert (params["type"], run["m1-b-data"].inputs["type"]) == (boot, data)


def test_another_boot_disk_waits_for_the_machines_turn() -> None:
    run = run_program(stack(1, masters={"bootDiskType": "pd-ssd"}))
    shapes = [run[f"m1-b-{gate}"].inputs["shape"]["bootDiskType"] for gate in ("turn", "ready")]
    assert shapes == ["pd-ssd", "pd-ssd"]


LONG = "m" * 37


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        pytest.param("m1", None, id="the disk's own name"),
        pytest.param(LONG[:36], None, id="the longest that leaves room for the time"),
        pytest.param(LONG, f"dev-{LONG[:34]}-b9c7dfb9", id="one longer"),
    ],
)
def test_a_snapshot_of_a_disk_with_a_long_name_has_a_name_that_google_takes(
    name: str, prefix: str | None
) -> None:
    run = run_program(stack(1, replicas=[{"name": name, "zone": "europe-west1-b"}]))
    disk = run[f"{name}-b-data"].inputs
    assert disk.get("createSnapshotBeforeDestroyPrefix") == prefix
    assert len(f"{prefix or disk['name']}-20060102-150405") <= 63


def test_the_address_is_protected(three: Run) -> None:
    assert three["api-address"].protect


def test_an_address_that_was_reserved_before_is_held_and_not_made() -> None:
    run = run_program(stack(3, api={"address": "kube-master-ip"}))
    assert "api-address" not in run
    assert run["api-rule"].inputs["ipAddress"] == RESERVED_ADDRESS
    assert run["m1-b-vm"].inputs["metadata"]["api-address"] == RESERVED_ADDRESS


@pytest.mark.parametrize("replicas", [1, 3])
def test_one_protected_gate_stands_on_everything(replicas: int) -> None:
    """A failed delete keeps only what it stands on."""
    run = run_program(stack(replicas))
    components = {each.parent for each in run.resources.values()}
    below = run.waits_for("etcd-left") | components
    assert [name for name in run.resources if name not in below] == ["etcd-left"]
    assert run["etcd-left"].protect


def test_a_data_disk_is_protected_where_asked() -> None:
    protected = run_program(stack(1, etcd={"dataDiskProtection": "protect"}))
    assert protected["m1-b-data"].protect
    assert not protected["m1-b-data"].inputs["createSnapshotBeforeDestroy"]


def test_children_are_named_after_their_parent(three: Run) -> None:
    """URNs hold the parents' types and not their names: two replicas with a child `disk` would collide."""
    for each in three.resources.values():
        if each.parent and each.parent != "control-plane" and not each.parent.startswith("ha-masters-"):
            assert each.name.startswith(each.parent), f"{each.name} is a child of {each.parent}"


def test_no_key_is_in_any_metadata(three: Run) -> None:
    for vm in three.of_type("gcp:compute/instance:Instance"):
        text = json.dumps(vm.inputs["metadata"])
        assert "key of" not in text
        assert "PRIVATE KEY" not in text


def test_etcd_is_open_to_masters_only(three: Run) -> None:
    rule = three["etcd-firewall"].inputs
    assert rule["sourceTags"] == rule["targetTags"] == ["dev-master"]
    assert "sourceRanges" not in rule
    assert rule["allows"] == [{"protocol": "tcp", "ports": ["2379-2380"]}]


def test_every_apiserver_reaches_every_kubelet(three: Run) -> None:
    rule = three["network-kubelets"].inputs
    assert rule["sourceTags"] == rule["targetTags"] == ["dev-master"]
    assert {"protocol": "tcp", "ports": ["10250"]} in rule["allows"]


def test_pods_reach_one_another_and_not_what_masters_listen_on(three: Run) -> None:
    rule = three["network-pods"].inputs
    assert rule["sourceRanges"] == rule["destinationRanges"] == ["10.64.0.0/14"]
    assert rule["allows"][0] == {"protocol": "tcp", "ports": ["1-2378", "2382-65535"]}


def test_who_is_inside_reaches_the_api_through_nat(three: Run) -> None:
    """A passthrough load balancer sees a machine without a public address as its Cloud NAT."""
    assert three["network-nat"].inputs["natIpAllocateOption"] == "MANUAL_ONLY"
    assert three.outputs["natAddresses"] == ["203.0.113.11"]
    assert "203.0.113.11/32" in three["api-clients"].inputs["sourceRanges"]


def test_serving_certificate_names_every_way_in() -> None:
    named = run_program(stack(1, api={"dnsName": "k8s.example.com"}))
    request = named["m1-b-apiserver-csr"].inputs
    internal = named.outputs["replicas"][0]["address"]
    assert set(request["ipAddresses"]) == {"203.0.113.10", internal, "10.68.0.1"}
    assert {"kubernetes", "kubernetes.default.svc.cluster.local", "k8s.example.com"} <= set(
        request["dnsNames"]
    )


def test_leaves_renew_early(three: Run) -> None:
    leaves = three.of_type("tls:index/locallySignedCert:LocallySignedCert")
    assert leaves
    assert all(leaf.inputs["earlyRenewalHours"] == 60 * 24 for leaf in leaves)


def test_public_addresses_are_off_by_default_with_nat_instead(three: Run) -> None:
    assert "accessConfigs" not in three["m1-b-vm"].inputs["networkInterfaces"][0]
    assert "network-nat" in three


def test_public_addresses_replace_nat() -> None:
    public = run_program(stack(1, masters={"publicAddresses": True}))
    assert public["m1-b-vm"].inputs["networkInterfaces"][0]["accessConfigs"] == [{}]
    assert "network-nat" not in public


def test_outputs(three: Run) -> None:
    assert three.outputs["voters"] == 3
    assert three.outputs["failuresTolerated"] == 1
    assert three.outputs["failuresToleratedNow"] == "unknown"
    assert three.outputs["now"][0].startswith("dev now: not known, its bucket can't be read: ")
    assert three.outputs["endpoint"] == "https://203.0.113.10:443"
    assert [row["identity"] for row in three.outputs["replicas"]] == ["m1-b", "m2-c", "m3-d"]
    assert three.outputs["firstCertificateToExpire"]["expires"] == "2027-11-21T00:00:00Z"


def test_what_was_asked_for_is_registered_first(three: Run) -> None:
    """So that a policy on the list of replicas stops an update before anything is created."""
    first = next(each for each in three.resources.values() if each.type != "pulumi:pulumi:Stack")
    assert first.type == "ha-masters:index:ControlPlane"
    assert [replica["identity"] for replica in first.inputs["replicas"]] == ["m1-b", "m2-c", "m3-d"]


def test_a_managed_zone_gets_the_record() -> None:
    named = run_program(
        stack(1, api={"dnsName": "k8s.example.com", "managedZone": "example", "dnsTtlSeconds": 60})
    )
    record = named["api-dns"].inputs
    assert (record["name"], record["type"], record["ttl"]) == ("k8s.example.com.", "A", 60)
    assert record["rrdatas"] == ["203.0.113.10"]


def test_a_name_managed_elsewhere_gets_none() -> None:
    named = run_program(stack(1, api={"dnsName": "k8s.example.com"}))
    assert "api-dns" not in named
    assert named.outputs["endpoint"] == "https://k8s.example.com:443"


def test_an_existing_network_is_left_alone() -> None:
    run = run_program(stack(1, network=EXISTING))
    assert "network-vpc" not in run
    assert "network-nat" not in run
    interface = run["m1-b-vm"].inputs["networkInterfaces"][0]
    assert interface["subnetwork"].endswith("regions/europe-west1/subnetworks/masters")


def test_a_changed_certificate_reaches_the_machine_in_place(three: Run) -> None:
    """The metadata names the secret's version, so a new one is an update of the VM and not a new VM."""
    assert "m1-b-secret-version" in three["m1-b-vm"].property_dependencies["metadata"]
    assert "m1-b-apiserver-cert" in three.waits_for("m1-b-secret-version")


def test_what_ends_with_its_owner_is_not_deleted_by_a_call_of_its_own(three: Run) -> None:
    """A reply that is lost is a call made twice, and a version of a secret can't be destroyed twice."""
    assert three["m1-b-secret-version"].deleted_with == "m1-b-secret"
    assert three["m1-b-secret-access"].deleted_with == "m1-b-secret"


def test_machines_run_the_agent_that_was_previewed(three: Run) -> None:
    digest = three["m1-b-vm"].inputs["metadata"]["agent-sha256"]
    assert three["etcd-agent"].inputs["name"] == f"agent/{digest}.pyz"
    assert "etcd-agent" in three["m1-b-vm"].dependencies


def test_changed_artifacts_reach_standing_machines_in_place_and_in_turn() -> None:
    """The metadata alone change, so no VM is stopped; each waits until the one before it reports the new hash."""
    pinned, three_standing = (
        run_program(stack(3, **more), standing=["m1-b", "m2-c", "m3-d"])
        for more in ({"artifacts": ARTIFACTS}, {})
    )
    for identity in ("m1-b", "m2-c", "m3-d"):
        before, after = three_standing[f"{identity}-vm"].inputs, pinned[f"{identity}-vm"].inputs
        differing = {key for key in after["metadata"] if after["metadata"][key] != before["metadata"][key]}
        assert differing == {"machine-config", "config-hash"}
        assert {**after, "metadata": {}} == {**before, "metadata": {}}
        assert pinned[f"{identity}-turn"].inputs == three_standing[f"{identity}-turn"].inputs
        assert pinned[f"{identity}-ready"].inputs["configHash"] == after["metadata"]["config-hash"]


def test_each_artifact_is_part_of_the_hash() -> None:
    def digest(**changed: object) -> str:
        run = run_program(stack(1, artifacts={**ARTIFACTS, **changed}))
        return str(run["m1-b-vm"].inputs["metadata"]["config-hash"])

    images = {**ARTIFACTS["images"], "pause": f"registry.k8s.io/pause@sha256:{'f' * 64}"}
    kubelet = {**ARTIFACTS["kubelet"], "sha256": "f" * 64}
    digests = [digest(), digest(mirror="https://dl.k8s.io"), digest(kubelet=kubelet), digest(images=images)]
    assert len(set(digests)) == len(digests)


def test_what_can_be_met_by_its_name_says_whose_it_is(three: Run) -> None:
    for name in ("m1-b-vm", "m1-b-data", "m1-b-secret", "etcd-bucket"):
        assert three[name].inputs["labels"]["ha-masters-cluster"] == "dev"


def test_the_order_of_the_list_is_in_no_input(three: Run) -> None:
    raw = stack(3)
    other = run_program(
        {**raw, "ha-masters:replicas": json.dumps(json.loads(raw["ha-masters:replicas"])[::-1])}
    )
    assert set(other.resources) | {"ha-masters-test"} == set(three.resources) | {"ha-masters-test"}
    files = {"ha-masters-test", "etcd-agent"}  # The stack itself, and what is compared by its hash elsewhere.
    names = set(three.resources) - files
    assert [name for name in names if other[name].inputs != three[name].inputs] == []


def test_extra_names_stand_first_in_the_serving_certificate() -> None:
    """By that a state tells them from the program's own: components/standing/recorded.py."""
    api = {"dnsName": "k8s.example.com", "extraNames": ["10.1.2.3", "api.internal.example.com"]}
    request = run_program(stack(1, api=api))["m1-b-apiserver-csr"].inputs
    assert request["ipAddresses"][0] == "10.1.2.3"
    assert request["dnsNames"][0] == "api.internal.example.com"
    assert request["dnsNames"][-1] == "k8s.example.com"


def test_options_of_the_api_server_are_told_to_machines_that_have_any(three: Run) -> None:
    asked = run_program(stack(1, api={"logLevel": 2}))
    assert asked["m1-b-vm"].inputs["metadata"]["api-server"] == '{"logLevel":2}'
    assert "api-server" not in three["m1-b-vm"].inputs["metadata"]


def test_options_of_the_api_server_are_waited_for() -> None:
    plain, asked = (run_program(stack(1, api=api)) for api in ({}, {"logLevel": 2}))
    assert plain["m1-b-ready"].inputs["configHash"] != asked["m1-b-ready"].inputs["configHash"]


def test_users_have_kubeconfigs_in_their_own_names() -> None:
    asked = run_program(stack(1, api={"users": [{"name": "alice", "role": "view"}, {"name": "ci"}]}))
    subject = asked["users-alice-csr"].inputs["subject"]
    assert (subject["commonName"], subject.get("organization")) == ("alice", None)
    found = yaml.safe_load(asked.outputs["kubeconfigs"]["alice"])
    assert found["contexts"][0]["context"]["user"] == "dev-alice"
    assert sorted(asked.outputs["kubeconfigs"]) == ["alice", "ci"]
    bindings = json.loads(asked["users-bindings"].inputs["content"]["value"])["items"]
    assert {each["roleRef"]["name"]: [who["name"] for who in each["subjects"]] for each in bindings} == {
        "view": ["alice"],
        "edit": [],
        "admin": [],
        "cluster-admin": [],
    }


def test_an_empty_list_of_users_is_kept_and_no_list_is_nothing(three: Run) -> None:
    nobody = run_program(stack(1, api={"users": []}))
    assert "users-bindings" in nobody
    assert nobody.outputs["kubeconfigs"] == {}
    assert "users-bindings" not in three
    assert "kubeconfigs" not in three.outputs


def test_the_key_of_service_accounts_is_told_to_who_trusts_their_tokens(three: Run) -> None:
    [key] = three.outputs["serviceAccountJwks"]["keys"]
    assert (key["kty"], key["crv"], key["alg"], len(key["x"]), len(key["y"])) == (
        "EC",
        "P-256",
        "ES256",
        43,
        43,
    )
    assert three.outputs["serviceAccountIssuer"] == "https://kubernetes.default.svc.cluster.local"


def test_a_former_release_stays(three: Run) -> None:
    assert (three["etcd-agent"].delete_before_replace, three["etcd-agent"].retain_on_delete) == (False, True)
