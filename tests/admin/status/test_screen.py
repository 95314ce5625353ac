"""`python -m admin status`: what a terminal shows, at its width and with its colours."""

from __future__ import annotations

import pytest

from admin.status.command import main
from admin.status.rows import Row
from admin.status.screen import screen, table
from admin.watched import api_address

ROW = Row(
    "m1-b",
    "europe-west1-b",
    "RUNNING",
    "serving",
    "leader",
    "-",
    "1.36.3",
    "1.36.3",
    "3.6.8",
    "-",
    "300 days",
    "4 s ago",
)


def test_columns_that_nobody_has_a_word_in_are_left_out() -> None:
    assert table([ROW]) == [
        "MASTER  ZONE            MACHINE  SERVES   ETCD    KUBERNETES  KUBELET  ETCD VERSION  CERTIFICATES  SAID",
        "m1-b    europe-west1-b  RUNNING  serving  leader  1.36.3      1.36.3   3.6.8         300 days      4 s ago",
    ]


def test_the_verdict_comes_first_then_what_to_do() -> None:
    lines = screen(
        "mend", "dev now: bad.", ["Start m2-c."], [[ROW]], [("address", "203.0.113.10")]
    ).splitlines()
    assert lines[:4] == ["dev now: bad.", "  ! Start m2-c.", "", table([ROW])[0]]
    assert lines[-1] == "address  203.0.113.10"


def test_findings_are_as_wide_as_the_terminal() -> None:
    text = screen("mend", "dev.", ["word " * 30], [], width=60)
    assert max(map(len, text.splitlines())) <= 60


def test_facts_without_a_value_are_left_out() -> None:
    assert screen("unknown", "dev.", [], [], [("backup", "")]) == "dev."


def test_the_verdict_has_a_colour() -> None:
    assert screen("lost", "dev.", [], [], coloured=True) == "\x1b[1;31mdev.\x1b[0m"


def test_the_address_is_the_stacks_output() -> None:
    stack = {"type": "pulumi:pulumi:Stack", "urn": "u", "outputs": {"address": "203.0.113.10"}}
    assert api_address({"deployment": {"resources": [stack]}}) == "203.0.113.10"
    assert api_address({"deployment": {}}) == ""


def test_a_time_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--watch", "0"])
    assert ended.value.code == 2
    assert "0 is no time to wait" in capsys.readouterr().err
