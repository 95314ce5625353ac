"""Edits of a living cluster, judged: the table row by row, states that hold half a change, and reported cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.config import Build, Stood
from components.config.keys import KNOWN
from components.edits import Reach, judge
from components.edits.rollout import rollout
from components.edits.truth import actual
from components.preview.announce import plan
from components.standing.facts import KnownPool, Standing
from components.standing.recorded import standing_of
from tests.edits import table
from tests.edits.table import Edit, edits, living, merged, parsed, standing, stood


@pytest.mark.parametrize("edit", edits(), ids=lambda edit: edit.name)
def test_each_edit_is_allowed_told_or_refused(edit: Edit) -> None:
    found = table.found(edit)
    text = "" if found.refusals else table.planned(edit)
    assert (table.verdict(found, text), table.said(found)) == (edit.verdict, edit.says)


ASKS_FOR_A_RESTORE = {"etcd.restoreFrom", "etcd.survivor", "etcd.restoreOverQuorum"}
"""Judged by `components.restore`, against what the bucket says and not against what stood before."""

NOT_YET = {"authorities.kubeletServing"}
"""Refused in any config: tests/components/config/bad_input.yaml."""


def test_every_key_of_the_config_is_edited() -> None:
    keys = {f"{section}.{key}".removeprefix(".") for section, known in KNOWN.items() for key in known}
    edited = {edit.key for edit in edits()}
    missing = {
        key
        for key in keys
        if key not in edited and not any(each.startswith((f"{key}.", f"{key}[")) for each in edited)
    }
    assert missing == ASKS_FOR_A_RESTORE | NOT_YET


def test_the_guide_shows_the_table() -> None:
    text = table.GUIDE.read_text()
    assert text.partition(table.BEGIN)[2].partition(table.END)[0] == table.guide()


def test_nothing_is_said_of_the_same_config() -> None:
    found = judge(standing(), parsed(living()))
    assert (found.refusals, found.notes) == ((), ())
    assert plan(standing(), parsed(living()), found) == "dev: the same 3 masters, 1 failure tolerated."


def test_a_stack_without_machines_and_disks_can_become_anything() -> None:
    assert judge(Standing(region="europe-west4"), parsed(living())).refusals == ()


def test_a_state_that_lacks_what_an_edit_is_judged_by_is_no_obstacle() -> None:
    bare = {
        "urn::vm": {"type": "gcp:compute/instance:Instance", "outputs": {"metadata": {"replica": "m1-b"}}}
    }
    found = judge(standing_of(bare), parsed(living()))
    assert (found.refusals, found.notes) == ((), ())


def test_what_masters_are_made_of_is_read_from_the_state() -> None:
    image = "projects/debian-cloud/global/images/debian-12-bookworm-v20251014"
    build = Build("e2-standard-2", "pd-balanced", "pd-ssd", image)
    builds = dict.fromkeys(("m1-b", "m2-c", "m3-d"), build)
    assert standing().stood == Stood(builds, frozenset({"pods"}))


def refused(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    found = judge(stood(merged(living(), before)), parsed(merged(living(), after)))
    return {refusal.key: str(refusal) for refusal in found.refusals}


@pytest.mark.parametrize(
    ("before", "after", "key", "text"),
    [
        pytest.param(
            {},
            {"network": {"subnetRange": "10.1.0.0/20"}},
            "network.subnetRange",
            "write a range that contains 10.0.0.0/20",
            id="01 subnet range",
        ),
        pytest.param(
            {"replicas": ["m1/b"]},
            {"replicas": ["m1/b"], "etcd": {"dataDiskType": "pd-balanced"}},
            "etcd.dataDiskType",
            "the data of m1 would be deleted",
            id="02 data disk of another type",
        ),
        pytest.param(
            {"replicas": ["m1/b"]},
            {"replicas": ["m1/b"], "etcd": {"dataDiskSizeGb": 15}},
            "etcd.dataDiskSizeGb",
            "Google can't shrink a disk",
            id="02 smaller data disk",
        ),
        pytest.param(
            {"kubernetesVersion": "1.34.1"},
            {"kubernetesVersion": "1.36.3"},
            "kubernetesVersion",
            "Go to a release of 1.35 first",
            id="07 version skip",
        ),
        pytest.param(
            {"kubernetesVersion": "1.36.3"},
            {"kubernetesVersion": "1.34.0"},
            "kubernetesVersion",
            "Keep a release of 1.36",
            id="07 version down",
        ),
        pytest.param(
            {},
            {"api": {"port": 6443}},
            "api.port",
            "nobody would be served",
            id="11 API port",
        ),
    ],
)
def test_cases_are_refused(before: dict[str, Any], after: dict[str, Any], key: str, text: str) -> None:
    said = refused(before, after)
    assert list(said) == [key]
    assert text in said[key]


def test_case_07_the_plan_names_a_change_of_version() -> None:
    before, after = stood(living()), parsed(merged(living(), {"kubernetesVersion": "1.36.3"}))
    text = plan(before, after, judge(before, after))
    assert '  * kubernetesVersion: "1.35.2" → "1.36.3".' in text
    assert "the same" not in text


def etcd(version: str) -> dict[str, Any]:
    return {"etcd": {"version": version}}


@pytest.mark.parametrize(
    ("former", "asked", "says"),
    [
        pytest.param("3.6.10", "3.7.0", "Go to 3.6.11 or later first", id="one patch too early"),
        pytest.param("3.7.0", "3.6.13", "Keep a release of 3.7", id="back, all have it"),
        pytest.param("3.6.11", "3.7.0", "", id="from the first that may"),
    ],
)
def test_etcd_goes_to_its_next_minor_from_a_patch_that_may_and_not_back(
    former: str, asked: str, says: str
) -> None:
    said = refused(etcd(former), etcd(asked))
    assert list(said) == (["etcd.version"] if says else [])
    assert says in said.get("etcd.version", "")


def test_a_minor_of_etcd_is_told_with_the_window_in_which_it_can_be_taken_back() -> None:
    [first, *_] = judge(
        stood(merged(living(), etcd("3.6.13"))), parsed(merged(living(), etcd("3.7.0")))
    ).notes
    assert "until the last master has it; then there is no way back to 3.6" in str(first)


def test_masters_do_not_go_back_behind_a_pool() -> None:
    before = {
        "kubernetesVersion": "1.36.3",
        "pools": [{"name": "web", "zones": ["europe-west1-b"], "size": 1}],
    }
    whole = stood(merged(living(), before))
    masters = [
        replace(each, settings={**each.settings, "kubernetesVersion": "1.35.2"}) for each in whole.masters
    ]
    pools = tuple(replace(each, exchanged=True) for each in whole.pools)
    half_back = replace(whole, masters=(*whole.masters[:1], *masters[1:]), pools=pools)
    config = parsed(merged(living(), {**before, "kubernetesVersion": "1.35.2"}))
    [refusal] = judge(half_back, config).refusals
    assert "The nodes of pool web run 1.36.3" in str(refusal)
    template_only = replace(
        half_back, pools=tuple(replace(each, exchanged=False) for each in half_back.pools)
    )
    assert not judge(template_only, config).refusals, "no node is of it yet"


LATER = "projects/debian-cloud/global/images/debian-12-bookworm-v20251111"


def half(**settings: Any) -> Standing:
    """An update that was cut off after the first master had its new settings."""
    whole = standing()
    first, *others = whole.masters
    return replace(whole, masters=(replace(first, settings={**first.settings, **settings}), *others))


@pytest.mark.parametrize(
    ("settings", "asked", "says"),
    [
        pytest.param(
            {"kubernetesVersion": "1.36.3"}, {"kubernetesVersion": "1.36.3"}, "goes on", id="minor: on"
        ),
        pytest.param({"kubernetesVersion": "1.36.3"}, {}, "is taken back", id="minor: back"),
        pytest.param({"kubernetesVersion": "1.34.1"}, {}, "goes on", id="the others have it already"),
        pytest.param({"etcdVersion": "3.6.8"}, {}, "is taken back", id="etcd: back"),
    ],
)
def test_half_a_change_of_version_goes_on_and_goes_back(
    settings: dict[str, str], asked: dict[str, Any], says: str
) -> None:
    found = judge(half(**settings), parsed(merged(living(), asked)))
    assert found.refusals == ()
    assert says in str(found.notes[0])


def test_from_half_a_change_of_version_no_minor_is_skipped() -> None:
    [refusal] = judge(
        half(kubernetesVersion="1.34.1"), parsed(merged(living(), {"kubernetesVersion": "1.36.3"}))
    ).refusals
    assert "Go on to 1.35.2 first" in str(refusal)


def test_from_a_change_of_version_that_did_not_come_through_no_minor_follows() -> None:
    """The state has the new version only, and a master may still run the former one."""
    further = parsed(merged(living(), {"kubernetesVersion": "1.36.3"}))
    [refusal] = judge(unsettled(), further).refusals
    assert "Go on to 1.35.2 first" in str(refusal)


def unsettled(**settings: Any) -> Standing:
    """The state after an update that failed at the last master: it has the new settings of all of them."""
    whole = standing()
    masters = [replace(each, settings={**each.settings, **settings}) for each in whole.masters]
    return replace(whole, masters=(*masters[:-1], replace(masters[-1], settled=False)))


def test_a_change_of_version_that_did_not_come_through_is_taken_back() -> None:
    found = judge(unsettled(kubernetesVersion="1.36.3"), parsed(living()))
    assert found.refusals == ()
    assert "did not come through: it is taken back" in str(found.notes[0])


def test_no_further_than_one_minor_is_taken_back() -> None:
    older = parsed(merged(living(), {"kubernetesVersion": "1.34.1"}))
    assert [each.key for each in judge(unsettled(kubernetesVersion="1.36.3"), older).refusals] == [
        "kubernetesVersion"
    ]


@pytest.mark.parametrize(
    "recorded", [{}, {"configHash": "former"}], ids=["the gate has it", "the gate has the former"]
)
def test_a_master_is_settled_once_its_gate_has_recorded_what_it_was_told(recorded: dict[str, str]) -> None:
    vm = {"metadata": {"replica": "m1-b", "config-hash": "new"}}
    gate = {"replica": "m1-b", "configHash": "new", **recorded}
    state = {
        "urn::vm": {"type": "gcp:compute/instance:Instance", "outputs": vm},
        "urn::gate": {"type": "pulumi-python:dynamic/ha-masters:ReplicaReady", "outputs": gate},
    }
    [master] = standing_of(state).masters
    assert master.settled is (not recorded)


def test_what_google_says_counts_where_the_record_says_otherwise() -> None:
    """A disk that was not grown for want of quota is recorded as grown."""
    whole = standing()
    grown = replace(whole, disks={name: replace(disk, size_gb=50) for name, disk in whole.disks.items()})
    assert judge(grown, parsed(living())).refusals
    docs = {
        "projects/lab-project/zones/europe-west1-b/disks/dev-m1-b-data": {"sizeGb": "30", "type": "x/pd-ssd"},
        "projects/lab-project/zones/europe-west1-c/disks/dev-m2-c-data": {"sizeGb": "30", "type": "x/pd-ssd"},
        "projects/lab-project/zones/europe-west1-d/disks/dev-m3-d-data": {"sizeGb": "50", "type": "x/pd-ssd"},
    }
    [refusal] = judge(actual(grown, docs.get), parsed(living())).refusals
    assert "the data of m3 would be deleted" in str(refusal)


def with_keys(*lists: list[int], settled: bool = True) -> Standing:
    """Each master with what it was told of `api.encryptionKeys`; the last list is also that of those behind it."""
    told = [*lists, *[lists[-1]] * 3]
    masters = tuple(
        replace(master, api_server={**master.api_server, "encryptionKeys": keys}, settled=settled)
        for master, keys in zip(standing().masters, told, strict=False)
    )
    return replace(standing(), masters=masters)


@pytest.mark.parametrize(
    ("before", "asked", "refused"),
    [
        pytest.param(with_keys([1, 2]), [2, 1], "", id="the new key writes"),
        pytest.param(with_keys([1, 2]), [1], "", id="taken back before it wrote"),
        pytest.param(with_keys([2, 1]), [1, 2], "", id="taken back"),
        pytest.param(with_keys([2, 1]), [2], "", id="the old key goes"),
        pytest.param(with_keys([1, 2]), [2], "Set it to [2, 1] first", id="the one that writes goes"),
        pytest.param(with_keys([2, 1]), [1], "Set it to [1, 2] first", id="the one that writes goes back"),
        pytest.param(with_keys([2, 1]), [2, 3], "Set it to [2] first", id="a third"),
        pytest.param(with_keys([1, 2], settled=False), [2, 1], "Keep [1, 2]", id="not everyone reads by it yet"),
        pytest.param(with_keys([1, 2], [1]), [1, 2], "", id="cut off, goes on"),
        pytest.param(with_keys([1, 2], [1]), [1], "", id="cut off, goes back"),
        pytest.param(with_keys([1, 2], [1]), [2, 1], "Set it to [1] or to [1, 2] first", id="cut off, goes elsewhere"),
        pytest.param(with_keys([2, 1], [1, 2], settled=False), [2, 1], "", id="cut off as the new one began to write"),
    ],
)  # fmt: skip
def test_an_encryption_key_is_replaced_in_stages(before: Standing, asked: list[int], refused: str) -> None:
    found = judge(before, parsed(merged(living(), {"api": {"encryptionKeys": asked}})))
    assert bool(found.refusals) == bool(refused)
    assert refused in found.refused


def with_generations(
    name: str, *lists: list[int], settled: bool = True, pools: tuple[KnownPool, ...] = ()
) -> Standing:
    """Each master with what it was told of an authority; the last list is also that of those behind it."""
    told = [*lists, *[lists[-1]] * 3]
    masters = tuple(
        replace(master, authorities={name: numbers}, settled=settled)
        for master, numbers in zip(standing().masters, told, strict=False)
    )
    return replace(standing(), masters=masters, pools=pools)


def web(authorities: int = 2, *, exchanged: bool = True) -> tuple[KnownPool, ...]:
    return (KnownPool("web", {"europe-west1-b": "dev-web-b"}, authorities=authorities, exchanged=exchanged),)


CUT_OFF = "An update was cut off between the two. Set it to [1] or to [1, 2] first, and go on from there"


HALF = with_generations("etcdPeers", [1, 2], [1], settled=False)


@pytest.mark.parametrize(
    ("before", "asked", "refused"),
    [
        pytest.param(with_generations("etcdPeers", [1]), [1, 2], "", id="both are trusted"),
        pytest.param(with_generations("etcdPeers", [1, 2]), [2, 1], "", id="the new one issues"),
        pytest.param(with_generations("etcdPeers", [1, 2]), [1], "", id="taken back before it issued"),
        pytest.param(with_generations("etcdPeers", [2, 1]), [1, 2], "", id="taken back"),
        pytest.param(with_generations("etcdPeers", [2, 1]), [2], "", id="the old one goes"),
        pytest.param(with_generations("etcdPeers", [2]), [2, 3], "", id="the next rotation"),
        pytest.param(with_generations("etcdPeers", [1]), [2, 1], "Set it to [1, 2] first", id="trust is skipped"),
        pytest.param(with_generations("etcdPeers", [1, 2]), [2], "Set it to [2, 1] first", id="issue is skipped"),
        pytest.param(with_generations("etcdPeers", [2, 1]), [1], "Set it to [1, 2] first", id="back in one"),
        pytest.param(with_generations("etcdPeers", [1]), [2], "Set it to [1, 2] first", id="all at once"),
        pytest.param(with_generations("etcdPeers", [1]), [3], "Nobody knows generation 3", id="one that nobody has"),
        pytest.param(with_generations("etcdPeers", [2]), [2, 1], "Nobody knows generation 1", id="one that is gone"),
        pytest.param(with_generations("etcdPeers", [1, 2]), [2, 3], "Set it to [2, 1] first", id="a third"),
        pytest.param(with_generations("etcdPeers", [1, 2], settled=False), [2, 1], "did not come through", id="not through"),
        pytest.param(HALF, [1, 2], "", id="cut off, goes on"),
        pytest.param(HALF, [1], "", id="cut off, goes back"),
        pytest.param(HALF, [2, 1], CUT_OFF, id="cut off, goes farther"),
    ],
)  # fmt: skip
def test_an_authority_is_rotated_in_stages(before: Standing, asked: list[int], refused: str) -> None:
    found = judge(before, parsed(merged(living(), {"authorities": {"etcdPeers": asked}})))
    assert bool(found.refusals) == bool(refused)
    assert refused in found.refused


@pytest.mark.parametrize(
    ("name", "pools", "refused"),
    [
        pytest.param("cluster", web(), False, id="all trust both"),
        pytest.param("cluster", web(1), True, id="of a template that trusts one"),
        pytest.param("cluster", web(exchanged=False), True, id="not yet exchanged"),
        pytest.param("etcdPeers", web(1), False, id="an authority that workers don't know"),
    ],
)
def test_an_authority_issues_once_workers_trust_it(
    name: str, pools: tuple[KnownPool, ...], refused: bool
) -> None:
    before = with_generations(name, [1, 2], pools=pools)
    found = judge(before, parsed(merged(living(), {"authorities": {name: [2, 1]}})))
    keys = {refusal.key for refusal in found.refusals}
    assert (f"authorities.{name}" in keys) == refused


def test_of_two_authorities_one_changes_at_a_time() -> None:
    before = with_generations("cluster", [2, 1])
    asked = {"authorities": {"cluster": [2], "etcdPeers": [1, 2]}}
    assert judge(before, parsed(merged(living(), asked))).refused.splitlines()[1] == (
        "  - ha-masters:authorities.etcdPeers: [1] can't become [1, 2]. authorities.cluster changes with the same update. "
        "Leave it at [1] until that is through: one authority at a time."
    )


@pytest.mark.parametrize("port", [443, 6443], ids=["back", "on"])
def test_half_a_change_of_port_goes_on_and_goes_back(port: int) -> None:
    """Releases before this one let it begin."""
    assert judge(half(apiPort=6443), parsed(merged(living(), {"api": {"port": port}}))).refusals == ()


def test_a_disk_that_has_grown_already_can_be_kept_for_its_replica_alone() -> None:
    whole = standing()
    grown = replace(whole, disks={**whole.disks, "m1-b": replace(whole.disks["m1-b"], size_gb=50)})
    [refusal] = judge(grown, parsed(living())).refusals
    assert "the data of m1 would be deleted" in str(refusal)
    assert "replicas[].dataDiskSizeGb" in str(refusal)
    kept = {"replicas": [{"name": "m1", "zone": "europe-west1-b", "dataDiskSizeGb": 50}, "m2/c", "m3/d"]}
    assert judge(grown, parsed(merged(living(), kept))).refusals == ()


def test_a_disk_whose_snapshot_cannot_be_named_gets_a_name_before_it_goes() -> None:
    """The provider refuses to destroy it, at the end of the update that takes its replica out."""
    long = "m" * 40
    replicas = [*living()["replicas"], f"{long}/b"]
    now = stood(merged(living(), {"replicas": replicas}))
    assert judge(now, parsed(living())).refusals == ()
    identity = f"{long}-b"
    disk = replace(now.disks[identity], snapshot_prefix=f"dev-{identity}-data")
    former = replace(now, disks={**now.disks, identity: disk})
    [refusal] = judge(former, parsed(living())).refusals
    assert (refusal.key, refusal.former) == ("replicas", identity)
    assert "run `pulumi up` once" in str(refusal)
    assert judge(former, parsed(merged(living(), {"replicas": replicas}))).refusals == ()


def test_all_refusals_are_told_at_once() -> None:
    edit = {"network": {"podRange": "10.96.0.0/14"}, "api": {"port": 6443}, "etcd": {"dataDiskSizeGb": 20}}
    found = judge(standing(), parsed(merged(living(), edit)))
    assert [refusal.key for refusal in found.refusals] == [
        "network.podRange",
        "api.port",
        "etcd.dataDiskSizeGb",
    ]
    assert found.refused.startswith(
        "The living cluster can't take 3 changes:\n  - ha-masters:network.podRange: "
    )


def test_another_release_of_the_program_is_a_change() -> None:
    known = standing().masters[0].agent
    assert judge(standing(), parsed(living()), agent=known).notes == ()
    [note] = judge(standing(), parsed(living()), agent="another").notes
    assert (note.reach, note.masters) == (Reach.TAKEN_OVER, ("m1-b", "m2-c", "m3-d"))


def test_certificates_in_their_last_days_are_a_change() -> None:
    when = datetime(2027, 1, 1, tzinfo=UTC)
    due = replace(
        standing(), renewals={"m2-c-kubelet-cert": when, "m1-b-kubelet-cert": when + timedelta(days=9)}
    )
    [note] = judge(due, parsed(living()), now=when).notes
    assert note.masters == ("m2-c",)
    assert str(note) == 'm2-c-kubelet-cert: "in its last days" → "renewed".'


@pytest.mark.parametrize(
    ("replicas", "edit", "says"),
    [
        pytest.param(
            ["m1/b"],
            {"masters": {"machineType": "e2-standard-4"}},
            "the API is gone meanwhile",
            id="1, restarted",
        ),
        pytest.param(
            ["m1/b"], {"kubernetesVersion": "1.36.3"}, "the API is gone while it restarts", id="1, in place"
        ),
        pytest.param(
            ["m1/b", "m2/c"],
            {"masters": {"image": LATER}},
            "stops at the first one's turn",
            id="2, replaced",
        ),
        pytest.param(["m1/b"], {"replicas": ["m2/c"]}, "has to be up to hand it over", id="1, swapped"),
    ],
)
def test_what_it_means_where_nobody_stands_in(replicas: list[str], edit: dict[str, Any], says: str) -> None:
    before = merged(living(), {"replicas": replicas})
    asked = parsed(merged(before, edit))
    assert says in plan(stood(before), asked, judge(stood(before), asked))


def test_of_several_changes_the_farthest_counts() -> None:
    edit = {"kubernetesVersion": "1.36.3", "masters": {"machineType": "e2-standard-4", "image": LATER}}
    lines = rollout(judge(standing(), parsed(merged(living(), edit))).notes, standing())
    assert lines == (
        "m1-b, m2-c and m3-d are replaced on their own data disks, one after another: 3 to 6 min each, 9 to 18 in all.",
    )


def test_an_existing_subnetwork_has_the_range_that_its_masters_are_in() -> None:
    shared = {
        "network": "shared",
        "subnetwork": "ew1",
        "subnetRange": "10.0.0.0/8",
        "podRange": "172.16.0.0/14",
        "podRangeName": "pods",
        "serviceRange": "192.168.0.0/20",
    }
    before = stood(merged(living(), {"network": shared}))
    there = replace(
        before,
        masters=tuple(
            replace(each, address="10.7.0.2", network="shared", subnetwork="ew1") for each in before.masters
        ),
    )
    assert judge(there, parsed(merged(living(), {"network": shared}))).refusals == ()
    [refusal] = judge(
        there, parsed(merged(living(), {"network": {**shared, "subnetRange": "10.8.0.0/20"}}))
    ).refusals
    assert refusal.key == "network.subnetRange"


@pytest.mark.parametrize(
    ("config", "formed", "stands"),
    [
        pytest.param({"artifacts": {"from": "image"}}, True, True, id="on an image that holds all"),
        pytest.param({"artifacts": {"from": "image"}}, False, False, id="of which nobody ever joined"),
        pytest.param({}, True, False, id="on pinned artifacts"),
    ],
)
def test_whether_masters_serve_without_artifacts(config: dict[str, Any], formed: bool, stands: bool) -> None:
    """As those of the first release do in a lab, whose image bears Debian's own name."""
    raw = {**living(), "artifacts": {}, **config}
    assert replace(stood(raw), formed=formed).self_contained == stands


RUNTIME = {"containerd": "2.2.7", "runc": "1.4.3", "cniPlugins": "1.9.1"}


@pytest.mark.parametrize(
    ("artifacts", "refused"),
    [
        pytest.param(RUNTIME | {"containerd": "2.3.4"}, False, id="a later one"),
        pytest.param({}, True, id="Debian's"),
    ],
)
def test_a_pinned_containerd_is_not_given_back(artifacts: dict[str, Any], refused: bool) -> None:
    found = judge(
        stood(merged(living(), {"artifacts": RUNTIME})), parsed(merged(living(), {"artifacts": artifacts}))
    )
    assert [each.key for each in found.refusals] == ["artifacts.containerd"] * refused


def test_the_state_says_whether_all_joined_once() -> None:
    gate = {"urn::etcd-joined": {"type": "pulumi-python:dynamic/ha-masters:EtcdMembership", "outputs": {}}}
    assert (standing_of(gate).formed, standing_of({}).formed) == (True, False)


ISSUER = {"issuerUrl": "https://a.example", "audiences": ["k"]}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param(
            {"extraNames": ["a.example.com", "10.1.2.3"]},
            {"extraNames": ["10.1.2.3"]},
            'api.extraNames: ["10.1.2.3", "a.example.com"] → ["10.1.2.3"]. Who uses a name that is gone can\'t tell the API '
            "from another.",
            id="a name goes",
        ),
        pytest.param(
            {"dnsName": "a.example.com", "managedZone": None, "extraNames": ["b.example.com"]},
            {"dnsName": "b.example.com", "managedZone": None, "extraNames": ["a.example.com"]},
            'api.extraNames: ["b.example.com"] → ["a.example.com"]. Who uses a name that is gone can\'t tell the API from '
            "another.",
            id="two names change places",
        ),
        pytest.param(
            {"oidc": [ISSUER]},
            {"oidc": []},
            'api.oidc: ["https://a.example"] → (not set). Who signs in by https://a.example is nobody from then on.',
            id="an issuer goes",
        ),
        pytest.param(
            {"oidc": [ISSUER]},
            {"oidc": [{**ISSUER, "usernameClaim": "email"}]},
            'api.oidc: ["https://a.example"] → ["https://a.example"]. Other audiences, claims or authority for '
            "https://a.example: users may get other names.",
            id="an issuer's users are called otherwise",
        ),
        pytest.param(
            {"audit": {"policy": {"rules": [{"level": "Metadata"}]}}},
            {"audit": {"policy": {"rules": [{"level": "None"}, {"level": "Request"}]}}},
            'api.audit.policy: "1 rule" → "2 rules". It says alone what is logged, instead of the program\'s own.',
            id="another audit policy",
        ),
        pytest.param(
            {"audit": {"maxAge": "30d"}}, {}, 'api.audit.maxAge: "30d" → "7d".', id="back to the default"
        ),
    ],
)
def test_what_the_api_server_was_told_is_taken_back(
    before: dict[str, Any], after: dict[str, Any], says: str
) -> None:
    former = stood(merged(living(), {"api": before}))
    found = judge(former, parsed(merged(living(), {"api": {**dict.fromkeys(before), **after}})))
    assert says in [str(each) for each in found.notes]


def test_nothing_is_said_of_the_same_options_of_the_api_server() -> None:
    api = {"extraNames": ["a.example.com", "10.1.2.3"], "oidc": [ISSUER], "logLevel": 3}
    config = merged(living(), {"api": api})
    assert judge(stood(config), parsed(config)).notes == ()


ALICE, CI = {"name": "alice", "role": "view"}, {"name": "ci", "role": "edit"}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param(
            [ALICE, CI],
            [CI],
            'api.users: ["alice: view", "ci: edit"] → ["ci: edit"]. What a role of the list lets alice do ends within a '
            "minute.",
            id="one goes",
        ),
        pytest.param(
            [ALICE],
            None,
            'api.users: ["alice: view"] → (not set). Nobody keeps the bindings from then on, and alice may go on: write [] '
            "first, which ends it.",
            id="the key goes",
        ),
        pytest.param([], None, "api.users: [] → (not set).", id="the key goes after all have gone"),
    ],
)
def test_users_that_go(before: list[dict[str, str]], after: list[dict[str, str]] | None, says: str) -> None:
    former = stood(merged(living(), {"api": {"users": before}}))
    found = judge(former, parsed(merged(living(), {"api": {"users": after}})))
    assert [str(each) for each in found.notes] == [says]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param(
            {"daily": 7, "monthly": 6},
            {"daily": 3, "monthly": 6},
            {
                "etcd.backup.keep.daily": "Snapshots that were kept daily beyond that are deleted after the next one"
            },
            id="fewer",
        ),
        pytest.param({"daily": 7}, {"daily": 9}, {"etcd.backup.keep.daily": ""}, id="more"),
        pytest.param(
            {"daily": 7},
            {},
            {
                "etcd.backup.keep.daily": "Snapshots of etcd go by age alone from then on, the older ones within a day"
            },
            id="taken back",
        ),
    ],
)
def test_other_steps_of_snapshots(
    before: dict[str, int], after: dict[str, int], says: dict[str, str]
) -> None:
    whole = stood({**living(), "etcd": {**living()["etcd"], "backup": {"keep": before}}})
    asked = {**living(), "etcd": {**living()["etcd"], "backup": {"keep": after}}}
    found = judge(whole, parsed(asked))
    assert {note.key: note.says for note in found.notes} == says
