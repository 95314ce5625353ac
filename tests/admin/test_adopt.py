"""What `admin adopt` takes in, without an engine: from a state and a preview to a bulk import."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from admin.adopt.command import describe
from admin.adopt.google import Found
from admin.adopt.plan import Plan, import_file, plan, tidied, tied
from admin.adopt.provider_id import UNKNOWN, ProviderId, identify
from admin.adopt.versions import SECRET, VERSION, unrecorded

PARENT = "urn:pulumi:dev::ha-masters::ha-masters:index:ApiEndpoint::api"
RULE = "gcp:compute/forwardingRule:ForwardingRule"
BEGUN = "2026-11-21T12:00:00Z"
LATER = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)
EARLIER = datetime(2026, 11, 20, tzinfo=UTC)
PATH = "projects/lab-project/regions/europe-west1/forwardingRules/dev-api"


def rule(**more: Any) -> dict[str, Any]:
    inputs = {"name": "dev-api", "region": "europe-west1"}
    urn = f"{PARENT.replace('::api', '')}${RULE}::api-rule"
    return {"urn": urn, "type": RULE, "parent": PARENT, "inputs": inputs, **more}


def state(*resources: dict[str, Any], pending: int = 0) -> dict[str, Any]:
    operations = [{"type": "creating", "resource": rule()}] * pending
    parent = {"urn": PARENT, "type": "ha-masters:index:ApiEndpoint", "created": BEGUN}
    return {"deployment": {"resources": [parent, *resources], "pending_operations": operations}}


def preview(op: str = "create") -> dict[str, Any]:
    step = {"op": op, "urn": rule()["urn"], "newState": rule()}
    return {"config": {"gcp:project": "lab-project"}, "steps": [step]}


def since(moment: datetime | None) -> Any:
    return lambda _identity: Found(moment)


def nothing(_identity: ProviderId) -> None:
    return None


def test_what_would_be_created_and_exists_is_imported() -> None:
    found = plan(state(), preview(), since(LATER))
    (resource,) = import_file(found, "10.2.0")["resources"]
    assert resource == {"type": RULE, "name": "api-rule", "id": PATH, "parent": "api", "version": "10.2.0"}
    assert import_file(found, "10.2.0")["nameTable"] == {"api": PARENT}


def test_what_does_not_exist_is_left_to_the_update() -> None:
    assert plan(state(), preview(), nothing).empty


def test_what_is_older_than_the_stack_is_somebody_elses() -> None:
    """Two stacks of one clusterName in one project: the second must not take over the first's control plane."""
    found = plan(state(), preview(), since(EARLIER))
    assert found.empty
    assert "somebody else's" in describe(found)


def test_a_stack_that_recorded_nothing_adopts_nothing() -> None:
    assert plan({"deployment": {}}, preview(), since(LATER)).empty


def test_an_age_that_google_does_not_tell_is_no_obstacle() -> None:
    assert len(plan(state(), preview(), since(None)).ours) == 1


def test_what_was_imported_depends_on_what_it_was_made_from() -> None:
    """Else a list that is taken back would delete all of it at once: the address while the machine still has it."""
    address, asked = {"urn": "address", "type": "gcp:compute/address:Address"}, rule()
    asked["dependencies"] = ["address", "never made"]
    step = {"op": "create", "urn": asked["urn"], "newState": asked}
    found = plan(state(), {**preview(), "steps": [step]}, since(LATER))
    resources = tied(state(rule(), address), found)["deployment"]["resources"]
    assert [each["urn"] for each in resources] == [PARENT, "address", asked["urn"]]
    assert resources[-1]["dependencies"] == ["address"]


def test_what_was_deleted_to_be_made_anew_and_was_made_counts_as_made() -> None:
    """The engine can't import what its state has, so the state is told that it is there again."""
    standing = rule(pendingReplacement=True)
    found = plan(state(standing), preview(op="create-replacement"), since(LATER))
    assert found.revived == (standing["urn"],)
    assert import_file(found, "10.2.0")["resources"] == []
    assert "pendingReplacement" not in tidied(state(standing), found)["deployment"]["resources"][1]


def test_a_replacement_that_is_merely_planned_is_not_touched() -> None:
    assert plan(state(rule()), preview(op="create-replacement"), since(LATER)).empty


def test_what_was_deleted_and_is_in_the_state_is_looked_at_again() -> None:
    assert plan(state(rule()), preview(op="delete"), nothing).gone == (rule()["urn"],)


def test_what_was_deleted_to_be_replaced_is_forgotten() -> None:
    found = plan(state(rule(pendingReplacement=True)), preview(op="replace"), nothing)
    assert (found.gone, found.orphans) == ((rule()["urn"],), ())
    left = tidied(state(rule(pendingReplacement=True)), found)["deployment"]["resources"][1]
    assert "pendingReplacement" not in left, "so that a refresh looks at it"
    assert plan(state(rule()), preview(op="delete"), since(LATER)).empty


def cut_off_and_edited() -> tuple[dict[str, Any], dict[str, Any]]:
    """The engine was killed while it made the rule, and the program no longer asks for it."""
    unfinished = state(pending=1)
    return unfinished, preview() | {"steps": []}


def test_what_was_being_made_and_is_no_longer_asked_for_is_imported() -> None:
    """Only what the state knows is ever deleted: a newcomer's machine would go on as a member that nobody asks for."""
    (resource,) = import_file(plan(*cut_off_and_edited(), since(LATER)), "10.2.0")["resources"]
    assert resource["name"] == "api-rule"


def test_what_was_being_made_and_is_not_there_is_only_forgotten() -> None:
    assert plan(*cut_off_and_edited(), nothing).ours == ()


def test_operations_that_never_ended_are_forgotten() -> None:
    unfinished = state(pending=2)
    found = plan(unfinished, preview(), nothing)
    assert (found.unfinished, found.empty) == (2, False)
    assert "pending_operations" not in tidied(unfinished, found)["deployment"]
    assert len(unfinished["deployment"]["pending_operations"]) == 2


def test_what_was_being_changed_is_looked_at_again() -> None:
    """Its fingerprint may have changed, and with the one that the state knows Google refuses every further change."""
    unfinished = state(rule())
    gate = {"urn": "gate", "type": "pulumi-python:dynamic/ha-masters:ReplicaReady"}
    unfinished["deployment"]["pending_operations"] = [
        {"type": "updating", "resource": rule()},
        {"type": "updating", "resource": gate},
        {"type": "creating", "resource": rule(urn="other")},
    ]
    assert plan(unfinished, preview(op="update"), nothing).changing == (rule()["urn"],)


def test_a_name_that_only_the_update_would_tell_is_nobodys() -> None:
    inputs = {"name": UNKNOWN, "region": "europe-west1"}
    assert identify(RULE, inputs, "lab-project") is None


@pytest.mark.parametrize(
    ("type_", "inputs", "id_"),
    [
        ("gcp:compute/network:Network", {"name": "dev"}, "projects/p/global/networks/dev"),
        ("gcp:compute/instance:Instance", {"name": "a", "zone": "z"}, "projects/p/zones/z/instances/a"),
        (
            "gcp:compute/routerNat:RouterNat",
            {"name": "nat", "router": "r", "region": "e"},
            "projects/p/regions/e/routers/r/nat",
        ),
        (
            "gcp:compute/instanceGroupMembership:InstanceGroupMembership",
            {"instance": "https://x/projects/p/zones/z/instances/a", "instanceGroup": "g", "zone": "z"},
            "projects/p/zones/z/instanceGroups/g/projects/p/zones/z/instances/a",
        ),
        (
            "gcp:compute/instanceGroupManager:InstanceGroupManager",
            {"name": "dev-web-b", "zone": "z"},
            "projects/p/zones/z/instanceGroupManagers/dev-web-b",
        ),
        (
            "gcp:compute/regionInstanceTemplate:RegionInstanceTemplate",
            {"name": "dev-web-0f0f0f0f", "region": "e"},
            "projects/p/regions/e/instanceTemplates/dev-web-0f0f0f0f",
        ),
        ("gcp:projects/iAMCustomRole:IAMCustomRole", {"roleId": "r"}, "projects/p/roles/r"),
        ("gcp:storage/bucket:Bucket", {"name": "b"}, "b"),
        ("gcp:secretmanager/secret:Secret", {"secretId": "s"}, "projects/p/secrets/s"),
        (
            "gcp:serviceaccount/account:Account",
            {"accountId": "a"},
            "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com",
        ),
    ],
)
def test_identities(type_: str, inputs: dict[str, str], id_: str) -> None:
    identity = identify(type_, inputs, "p")
    assert identity is not None
    assert identity.id == id_


@pytest.mark.parametrize(
    "type_", ["tls:index/privateKey:PrivateKey", "gcp:storage/bucketObject:BucketObject"]
)
def test_what_can_be_made_twice_is_left_to_the_update(type_: str) -> None:
    assert identify(type_, {"name": "x"}, "p") is None


def test_an_empty_plan_says_so() -> None:
    assert "goes on" in describe(Plan((), 0))


SECRETS = "projects/lab-project/secrets"
NUMBERED = "projects/100200300400/secrets"


def holding(*versions: str) -> dict[str, Any]:
    """A state of one secret and the versions of it that were recorded."""
    secret = {"urn": "s", "type": SECRET, "id": f"{SECRETS}/dev-m1-b-pki"}
    recorded = [{"urn": v, "type": VERSION, "id": f"{NUMBERED}/dev-m1-b-pki/versions/{v}"} for v in versions]
    return {"deployment": {"resources": [secret, *recorded]}}


def versions_of(secret: str) -> list[str]:
    return [f"{NUMBERED}/{secret.rsplit('/', 1)[-1]}/versions/{number}" for number in (1, 2)]


@pytest.mark.parametrize(
    ("recorded", "in_use", "unread"),
    [
        pytest.param(["2"], [], ["1"], id="added twice: the first reply was lost"),
        pytest.param(["1"], [], ["2"], id="added, and then the update was cut off"),
        pytest.param(["1", "2"], [], [], id="the former one is on its way out"),
        pytest.param([], [2], ["1"], id="a machine reads it, whatever the state says"),
    ],
)
def test_versions_that_nobody_reads(recorded: list[str], in_use: list[int], unread: list[str]) -> None:
    named = [f"{SECRETS}/dev-m1-b-pki/versions/{number}" for number in in_use]
    found = unrecorded(holding(*recorded), [], versions_of, named)
    assert [name.rsplit("/", 1)[-1] for name in found] == unread


def test_an_adopted_secret_s_versions_are_added_anew() -> None:
    adopted = f"{SECRETS}/dev-m2-c-pki"
    assert unrecorded(holding("1", "2"), [adopted], versions_of, []) == tuple(versions_of(adopted))


def test_unread_versions_are_shown_before_they_are_destroyed() -> None:
    shown = describe(Plan((), 0, unread=(f"{NUMBERED}/dev-m1-b-pki/versions/1",)))
    assert "nobody reads them" in shown
    assert "dev-m1-b-pki/versions/1" in shown


STEM = "projects/lab-project/zones/europe-west1-b"
MACHINE = f"{STEM}/instances/prod-eu-m1-b"
VM, DISK = "gcp:compute/instance:Instance", "gcp:compute/disk:Disk"
ADDRESS, TARGET = "gcp:compute/address:Address", "gcp:compute/targetInstance:TargetInstance"
RECORD, BUCKET = "gcp:dns/recordSet:RecordSet", "gcp:storage/bucket:Bucket"


def told(cluster: str) -> dict[str, Any]:
    return {"metadata": {"items": [{"key": "cluster-name", "value": cluster}]}}


def labelled(cluster: str) -> dict[str, Any]:
    return {"labels": {"team": "a", "ha-masters-cluster": cluster}}


@pytest.mark.parametrize(
    ("type_", "inputs", "found", "foreign"),
    [
        pytest.param(VM, {}, Found(LATER, told("prod-eu")), True, id="a VM of another cluster"),
        pytest.param(VM, {}, Found(LATER, told("prod")), False, id="our VM"),
        pytest.param(DISK, {}, Found(LATER, labelled("prod-eu")), True, id="a disk of another cluster"),
        pytest.param(DISK, {}, Found(LATER, labelled("prod")), False, id="our disk"),
        pytest.param(DISK, {}, Found(LATER, {}), False, id="a disk that an older release made"),
        pytest.param(SECRET, {"secretId": "x"}, Found(LATER, labelled("prod-eu")), True, id="a secret"),
        pytest.param(BUCKET, {}, Found(LATER, labelled("b")), True, id="a bucket of another project"),
        pytest.param(ADDRESS, {}, Found(LATER, {}, told("prod-eu")), True, id="an address, by its VM"),
        pytest.param(ADDRESS, {}, Found(LATER, {}), False, id="an address that no VM has yet"),
        pytest.param(TARGET, {}, Found(LATER, {}, told("prod-eu")), True, id="a target, by its VM"),
        pytest.param(RECORD, {}, Found(None, {"rrdatas": ["203.0.113.9"]}), True, id="a record of another"),
        pytest.param(RECORD, {}, Found(None, {"rrdatas": ["203.0.113.2"]}), False, id="our record"),
    ],
)
def test_what_says_that_it_is_another_clusters_is_not_taken(
    type_: str, inputs: dict[str, Any], found: Found, foreign: bool
) -> None:
    """`prod` with the replica `eu-m1` and `prod-eu` with `m1` make the same names; the other one may be the younger."""
    place = {"name": "prod-eu-m1-b", "zone": "europe-west1-b", "region": "europe-west1"}
    record = {"managedZone": "example", "type": "A", "rrdatas": ["203.0.113.2"]}
    resource = {"urn": "u::x", "type": type_, "parent": PARENT, "inputs": {**place, **record, **inputs}}
    asked = {
        "config": {"gcp:project": "lab-project", "ha-masters:clusterName": "prod"},
        "steps": [{"op": "create", "urn": "u::x", "newState": resource}],
    }
    [orphan] = plan(state(), asked, lambda _identity: found).orphans
    assert orphan.foreign is foreign


@pytest.mark.parametrize(
    ("type_", "doc", "machine"),
    [
        pytest.param(
            ADDRESS, {"users": [f"https://x/compute/v1/{MACHINE}"]}, MACHINE, id="an address in use"
        ),
        pytest.param(ADDRESS, {"users": []}, None, id="an address"),
        pytest.param(TARGET, {"instance": f"https://x/compute/v1/{MACHINE}"}, MACHINE, id="a target"),
    ],
)
def test_which_machine_tells_whose_a_resource_is(
    type_: str, doc: dict[str, Any], machine: str | None
) -> None:
    identity = identify(type_, {"name": "a", "zone": "z", "region": "r"}, "p")
    assert identity is not None
    assert identity.machine is not None
    assert identity.machine(doc) == machine


def test_whose_a_record_is_shows_once_the_stack_has_its_address() -> None:
    inputs = {"managedZone": "example", "name": "api.example.com.", "type": "A", "rrdatas": [UNKNOWN]}
    assert identify(RECORD, inputs, "p") is None
