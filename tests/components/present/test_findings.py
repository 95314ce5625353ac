"""The sentences about now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.present.facts import Master, Present, Report, Unseen
from components.present.findings import tell
from tests.components.present.masters import master, one, three

HOUR = 3600
LIST = ("m1-b", "m2-c", "m3-d")
WELL = "dev now: all is well: 3 masters serve, 1 failure tolerated."
NONE_NOW = "dev now: tolerates 1 failure by design, none now: m2-c is {}."
MEND = "dev now: 1 failure tolerated, and there is something to mend."
SEEN = "m1-b m2-c m3-d"


@pytest.mark.parametrize(
    ("present", "title"),
    [
        pytest.param(three(), WELL, id="three"),
        pytest.param(one(), "dev now: all is well: the only master serves, no failure tolerated.", id="one"),
    ],
)
def test_all_is_well(present: Present, title: str) -> None:
    told = tell(present, LIST, "dev", HOUR)
    assert (told.text, told.well) == (title, True)


@pytest.mark.parametrize(
    ("second", "title", "finding"),
    [
        pytest.param(
            master("m2-c", machine="TERMINATED"),
            NONE_NOW.format("TERMINATED"),
            "m2-c is TERMINATED: `pulumi up` starts it.",
            id="stopped",
        ),
        pytest.param(
            master("m2-c", machine="SUSPENDED"),
            NONE_NOW.format("SUSPENDED"),
            "m2-c is SUSPENDED: `pulumi up` starts it.",
            id="suspended",
        ),
        pytest.param(
            master("m2-c", machine="STAGING"), NONE_NOW.format("STAGING"), "m2-c is STAGING.", id="starting"
        ),
        pytest.param(
            master("m2-c", machine=""),
            "dev now: tolerates 1 failure by design, none now: m2-c has no machine.",
            "m2-c has no machine: `pulumi up` creates it again, on the disk that it had.",
            id="no machine",
        ),
        pytest.param(
            master("m2-c", age=300),
            MEND,
            "m2-c has been silent for 5 min: its machine may run on, but nobody knows. Its serial port tells why.",
            id="silent",
        ),
        pytest.param(
            master("m2-c", report=None),
            MEND,
            "m2-c has not reported yet: `gcloud compute instances get-serial-port-output` shows how it starts.",
            id="never reported",
        ),
        pytest.param(
            master("m2-c", report=Report(3, None)),
            MEND,
            "m2-c reports in a way that this release can't read; it is not known whether it is well.",
            id="unreadable",
        ),
        pytest.param(
            master("m2-c", phase="failed", reason="the disk is full."),
            MEND,
            "m2-c is failed: the disk is full.",
            id="failed",
        ),
        pytest.param(master("m2-c", phase="starting"), MEND, "m2-c is starting.", id="starting up"),
        pytest.param(
            master("m2-c", apiserver_ready=False),
            MEND,
            "The apiserver of m2-c is not ready.",
            id="no apiserver",
        ),
        pytest.param(
            master("m2-c", grouped=False, health=None),
            MEND,
            "m2-c is not in its instance group, so the load balancer sends it nothing: `pulumi up` puts it back.",
            id="not in its group",
        ),
        pytest.param(
            master("m2-c", health="UNHEALTHY"),
            MEND,
            "The load balancer doesn't see m2-c healthy, so it sends it nothing.",
            id="unhealthy backend",
        ),
        pytest.param(
            master("m2-c", health=""),
            MEND,
            "The load balancer doesn't see m2-c healthy, so it sends it nothing.",
            id="backend that nobody probes",
        ),
    ],
)
def test_one_of_three_is_not_well(second: Master, title: str, finding: str) -> None:
    told = tell(three(m2=second), LIST, "dev", HOUR)
    assert (told.title, told.findings, told.well) == (title, (finding,), False)


@pytest.mark.parametrize(
    ("members", "title", "finding"),
    [
        pytest.param(
            "m1-b m2-c! m3-d",
            NONE_NOW.format("not healthy"),
            "etcd's leader m1-b doesn't see m2-c healthy.",
            id="a voter that is not healthy",
        ),
        pytest.param(
            "m1-b m2-c~ m3-d",
            "dev now: tolerates 1 failure by design, none now: etcd has 2 voters of 3.",
            "m2-c is a learner, not yet a voter of etcd.",
            id="a learner",
        ),
        pytest.param(
            "m1-b m3-d",
            "dev now: tolerates 1 failure by design, none now: etcd has 2 voters of 3.",
            "m2-c is no member of etcd.",
            id="no member",
        ),
        pytest.param(
            "m1-b m2-c m3-d m4-b",
            MEND,
            "m4-b is still a voter of etcd, and no machine of this stack.",
            id="one too many",
        ),
    ],
)
def test_what_the_leader_sees(members: str, title: str, finding: str) -> None:
    told = tell(three(m1=master("m1-b", members)), LIST, "dev", HOUR)
    assert (told.title, told.findings, told.well) == (title, (finding,), False)


def test_a_master_that_leaves_with_this_update_is_not_said_to_be_started() -> None:
    told = tell(three(m2=master("m2-c", machine="TERMINATED")), ("m1-b", "m3-d", "m4-b"), "dev", HOUR)
    assert told.findings == ("m2-c is TERMINATED.",)


def test_no_leader_reports_and_nobody_knows() -> None:
    silent = three(**{key: master(name, age=90) for key, name in zip(("m1", "m2", "m3"), LIST, strict=True)})
    told = tell(silent, LIST, "dev", HOUR)
    assert told.title == (
        "dev now: 1 failure tolerated by design; how many now is not known: no master reports to be etcd's leader."
    )
    assert (told.tolerated, told.well) == (None, False)


def test_quorum_lost_says_so_and_the_way_out() -> None:
    down = {"m2": master("m2-c", machine="TERMINATED"), "m3": master("m3-d", machine="TERMINATED")}
    told = tell(three(**down), (*LIST, "m4-b"), "dev", HOUR)
    assert told.title == (
        "dev now: quorum is lost: of 3 voters 1 can be up and 2 must be: m2-c is TERMINATED; m3-d is TERMINATED. "
        "The API can't be written to until then."
    )
    assert told.findings[:2] == (
        "Start m2-c and m3-d on the disks that they have, with `pulumi up` or `gcloud compute instances start`. "
        "If too many disks are lost: docs/guides/restore.md.",
        "m4-b can't join before that: a member joins by etcd's own decision.",
    )
    assert told.tolerated == 0


@pytest.mark.parametrize(
    "present",
    [
        pytest.param(one(machine="TERMINATED", age=40), id="stopped"),
        pytest.param(one(age=40), id="silent"),
        pytest.param(one(machine="", report=None), id="gone, with its status"),
    ],
)
def test_swapping_the_only_master_that_is_down_is_in_vain(present: Present) -> None:
    assert tell(present, ("m2-c",), "dev", HOUR).findings[0] == (
        "The only copy of the cluster's data is on the disk of m1-b. Nobody can join while m1-b does not answer, so m2-c "
        "can't take its place: put m1-b back on the list, `pulumi up` starts it on its disk, and swap it then. If the disk "
        "is lost: docs/guides/restore.md."
    )


def test_a_bucket_that_cannot_be_read_tells_nothing() -> None:
    told = tell(Unseen("Google answered 403 Forbidden"), LIST, "dev", HOUR)
    assert told.text == "dev now: not known, its bucket can't be read: Google answered 403 Forbidden."
    assert (told.tolerated, told.well) == (None, False)


def test_what_could_not_be_asked_is_not_taken_to_be_well() -> None:
    told = tell(replace(three(), unasked=("the load balancer could not be asked: late",)), LIST, "dev", HOUR)
    assert told.findings == ("the load balancer could not be asked: late.",)
    assert not told.well
