"""The objects in the bucket: one text for one value, and nothing half understood."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.desired import Member, Members, Retained
from node.contract.fields import FormatError
from node.contract.status import (
    Backup,
    Certificates,
    Database,
    DataDirectory,
    EtcdView,
    MemberView,
    Observed,
    ReplicaStatus,
)

M1 = Member("m1-b", "10.0.0.2", "europe-west1-b")
M2 = Member("m2-c", "10.0.0.3", "europe-west1-c")
MEMBERS = Members("dev", (M1, M2))
VIEW = EtcdView("1f", "2a", "m1-b", 12, (MemberView("m1-b", "2a", "voter", healthy=True, started=True),))
STATUS = ReplicaStatus(
    "dev", "m1-b", "4711", "0f" * 32, "serving", "", True, DataDirectory("member", "2a", "1f"), False, VIEW,
    Observed("17", "18"), Database(24 << 20, 9 << 20, 2 << 30, ("NOSPACE",)),
    Certificates("etcd-peer", "2027-01-02T03:04:05Z"),
    Backup("snapshots/x.db", "2026-01-02T03:04:05Z", 25165856, 12, "2026-01-02T03:04:06Z", "", "2026-01-02T04:04:06Z"),
)  # fmt: skip

# As docs/architecture.md shows it.
DOCUMENTED = {
    "apiVersion": "ha-masters/v1", "kind": "ReplicaStatus", "cluster": "dev", "replica": "m1-b",
    "instanceId": "4711", "configHash": "0f", "phase": "serving", "reason": "", "apiserverReady": True,
    "etcd": {"clusterId": "1f", "memberId": "2a", "leader": "m1-b", "revision": 12, "members": [
        {"name": "m1-b", "id": "2a", "role": "voter", "healthy": True, "started": True}]},
    "observed": {"membersGeneration": "17", "retainedGeneration": "18"},
}  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(MEMBERS, id="members"),
        pytest.param(Retained("dev", ("m1-b",)), id="retained"),
        pytest.param(Retained("dev", ()), id="retained-nobody"),
        pytest.param(BootstrapMarker("dev", "m1-b", "4711"), id="claim"),
        pytest.param(BootstrapMarker("dev", "m1-b", "4711", "1f"), id="formed"),
        pytest.param(STATUS, id="status"),
        pytest.param(ReplicaStatus("dev", "m1-b", "4711", "x", "starting"), id="status-without-etcd"),
    ],
)
def test_what_is_written_is_read(value: Members | Retained | BootstrapMarker | ReplicaStatus) -> None:
    assert type(value).parse(value.to_json()) == value


@given(st.permutations([M1, M2, Member("m3-d", "10.0.0.4", "europe-west1-d")]))
def test_order_of_the_list_changes_nothing(listed: list[Member]) -> None:
    assert Members("dev", tuple(listed)).to_json() == Members("dev", tuple(reversed(listed))).to_json()


def test_documented_status_is_read() -> None:
    status = ReplicaStatus.parse(json.dumps(DOCUMENTED))
    assert (status.data_directory.state, status.drained) == ("unknown", False)


def _members(**changes: object) -> str:
    return json.dumps(json.loads(MEMBERS.to_json()) | changes)


def _member(**changes: object) -> str:
    return _members(members=[{"name": "m1-b", "address": "10.0.0.2", "zone": "europe-west1-b"} | changes])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "not JSON", id="empty-object"),
        pytest.param("[]", "expected a JSON object", id="list"),
        pytest.param(
            _members(apiVersion="ha-masters/v2"), r"apiVersion is 'ha-masters/v2'.*upgrade", id="version"
        ),
        pytest.param(_members(kind="Retained"), "kind is 'Retained'; expected 'Members'", id="kind"),
        pytest.param(_members(members=[]), "pulumi destroy", id="nobody"),
        pytest.param(_members(members=None), "members is None; expected a list", id="null"),
        pytest.param(_members(owner="me"), "owner is unknown.*'me'", id="unknown-field"),
        pytest.param(_member(port=1), r"members\[0\].port is unknown", id="unknown-field-of-a-member"),
        pytest.param(_members(members=[{"name": "m1-b", "zone": "z-b"}]), "address is missing", id="missing"),
        pytest.param(_member(address="10.0.0"), "address is '10.0.0'; expected", id="no-address"),
        pytest.param(_member(address="fd00::1"), "IPv4", id="ipv6"),
        pytest.param(_member(address="127.0.0.1"), "can't reach", id="loopback"),
        pytest.param(_member(name="M1"), "lower-case", id="bad-name"),
        pytest.param(_member(name="m1-c"), "zone's letter", id="name-of-another-zone"),
        pytest.param(
            _members(members=[{"name": "m1-b", "address": f"10.0.0.{n}", "zone": "z-b"} for n in (2, 3)]),
            "'m1-b' more than once",
            id="duplicate-name",
        ),
        pytest.param(
            _members(members=[{"name": f"m{n}-b", "address": "10.0.0.2", "zone": "z-b"} for n in (2, 3)]),
            "'10.0.0.2' more than once",
            id="duplicate-address",
        ),
    ],
)
def test_members_are_refused(text: str, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        Members.parse(text)


NAMED = {key: DOCUMENTED[key] for key in ("apiVersion", "kind", "cluster", "replica", "instanceId")}


def _with_extras(value: object) -> object:
    """Each object of it has a field that no release knows."""
    if isinstance(value, dict):
        return {key: _with_extras(each) for key, each in value.items()} | {"later": {"than": "this"}}
    return [_with_extras(each) for each in value] if isinstance(value, list) else value


def test_fields_of_a_later_release_are_ignored() -> None:
    assert ReplicaStatus.parse(json.dumps(_with_extras(json.loads(STATUS.to_json())))) == STATUS


def test_fields_of_a_later_release_may_be_missing() -> None:
    assert ReplicaStatus.parse(json.dumps(NAMED)) == ReplicaStatus(
        "dev",
        "m1-b",
        "4711",
        "",
        "unknown",
        "it says phase '', which this release of ha-masters doesn't know",
    )


def _status(**changes: object) -> str:
    return json.dumps(DOCUMENTED | changes)


ETCD = DOCUMENTED["etcd"]
assert isinstance(ETCD, dict)


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        pytest.param({"phase": "failed"}, {"phase": "failed", "reason": "it gives no reason"}, id="no-reason"),
        pytest.param(
            {"phase": "lost", "reason": "fog"},
            {"phase": "unknown", "reason": "it says phase 'lost', which this release of ha-masters doesn't know: fog"},
            id="unknown-phase",
        ),
        pytest.param({"apiserverReady": "yes"}, {"apiserver_ready": False}, id="not-a-flag"),
        pytest.param({"drained": 1}, {"drained": False}, id="not-a-flag-either"),
        pytest.param({"configHash": None}, {"config_hash": ""}, id="null"),
        pytest.param({"etcd": []}, {"etcd": None}, id="etcd-list"),
        pytest.param({"etcd": {"clusterId": "1f"}}, {"etcd": None}, id="etcd-of-nobody"),
        pytest.param(
            {"etcd": ETCD | {"members": [*ETCD["members"], {"name": "m2-c", "id": "3b", "role": "witness"}]}},
            {"etcd": None},
            id="unknown-role",
        ),
        pytest.param(
            {"etcd": ETCD | {"members": [{"name": "m1-b", "id": "2a", "role": "voter"}]}},
            {"etcd": EtcdView("1f", "2a", "m1-b", 12, (MemberView("m1-b", "2a", "voter", False, False),))},
            id="health-unsaid",
        ),
        pytest.param({"observed": {"membersGeneration": "new"}}, {"observed": Observed()}, id="generation"),
        pytest.param(
            {"dataDirectory": {"state": "encrypted"}}, {"data_directory": DataDirectory()}, id="unknown-data"
        ),
        pytest.param(
            {"dataDirectory": {"state": "blank", "memberId": "2a"}},
            {"data_directory": DataDirectory()},
            id="data-that-contradicts-itself",
        ),
        pytest.param({"certificates": {"first": "etcd-peer", "expires": "soon"}}, {"certificates": None}, id="time"),
        pytest.param({"database": {"sizeBytes": 7}}, {"database": Database(7, 0, 0)}, id="part-of-a-part"),
    ],
)  # fmt: skip
def test_what_is_not_understood_never_reads_as_well(
    changes: dict[str, object], read: dict[str, object]
) -> None:
    status = ReplicaStatus.parse(_status(**changes))
    assert {key: getattr(status, key) for key in read} == read


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("<html>", "not JSON", id="not-json"),
        pytest.param(_status(kind="Members"), "expected 'ReplicaStatus'", id="another-object"),
        pytest.param(_status(apiVersion="ha-masters/v2"), "apiVersion is 'ha-masters/v2'", id="version"),
        pytest.param(_status(instanceId=4711), "expected a string", id="not-a-string"),
        pytest.param(_status(instanceId="m1"), "digits", id="instance-name"),
        pytest.param(_status(replica=""), "lower-case", id="nobody"),
    ],
)
def test_what_is_no_status_of_a_master_is_refused(text: str, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        ReplicaStatus.parse(text)


@pytest.mark.parametrize(
    ("write", "says"),
    [
        pytest.param(lambda: replace(STATUS, phase="failed"), "say what failed", id="failed-without-reason"),
        pytest.param(lambda: DataDirectory("blank", "2a"), "leave both ids empty", id="blank-with-a-member"),
        pytest.param(lambda: Certificates("etcd-peer", "2027-01-02"), "expected a time as", id="a-date"),
        pytest.param(lambda: Backup(taken_at="now"), "backup.takenAt is 'now'", id="not-a-time"),
    ],
)
def test_what_is_not_meant_is_not_written(write: Callable[[], object], says: str) -> None:
    with pytest.raises(FormatError, match=says):
        write()


def test_retained_names_are_distinct() -> None:
    with pytest.raises(FormatError, match="more than once"):
        Retained("dev", ("m1-b", "m1-b"))
