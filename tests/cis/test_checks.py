"""The benchmark's checks on what the program writes: each passes, or is explained."""

from __future__ import annotations

import subprocess
from collections import Counter
from typing import Any

import pytest

from tests.cis import guide, live, written
from tests.cis.facts import Facts, File
from tests.cis.judge import Check, checks, judge

WRITTEN = (written.master(), written.of_a_worker(), written.cluster())
HERE = [
    pytest.param(check, facts, id=f"{check.id} of {facts.name}")
    for facts in WRITTEN
    for check in checks()
    if check.is_for(facts.role)
]


@pytest.mark.parametrize(("check", "facts"), HERE)
def test_a_check_passes_or_is_explained(check: Check, facts: Facts) -> None:
    said = judge(check, facts)
    assert (said == "") is check.passes_on(facts.role), said


def test_numbers_are_the_benchmark_s_and_stand_once() -> None:
    found = [check.id for check in checks()]
    assert Counter(found).most_common(1)[0][1] == 1
    sections = Counter(each.rpartition(".")[0] for each in found)
    assert sections == {
        "1.1": 21,
        "1.2": 29,
        "1.3": 7,
        "1.4": 2,
        "2": 7,
        "3.1": 3,
        "3.2": 2,
        "4.1": 10,
        "4.2": 13,
        "4.3": 1,
    }


def test_the_guide_tells_why() -> None:
    text = guide.GUIDE.read_text()
    assert text.partition(guide.BEGIN)[2].partition(guide.END)[0] == guide.table()


def of(**says: Any) -> Check:
    return Check("0", "master", "", says)


FACTS = Facts(
    "m",
    "master",
    {"etcd": {"a": "x,y", "n": "3"}, "kube-apiserver": {"a": "z"}},
    {"on": True, "deep": {"er": 0}},
    {"/k/a.key": File("600"), "/k/b.key": File("640", "root:adm", "says this")},
)


@pytest.mark.parametrize(
    ("check", "said"),
    [
        pytest.param(of(flag="etcd a", has="y"), "", id="has"),
        pytest.param(of(flag="etcd a", has="z"), "is x,y; expected: has z", id="has not"),
        pytest.param(of(flag="etcd a", lacks="x"), "is x,y; expected: lacks x", id="doesn't lack"),
        pytest.param(of(flag="etcd b", lacks="x"), "", id="lacks, for nothing is set"),
        pytest.param(of(flag="etcd n", least=3), "", id="enough"),
        pytest.param(of(flag="etcd n", least=4), "is 3; expected: least 4", id="too little"),
        pytest.param(of(flag="etcd b", least=4), "is not set; expected: least 4", id="not set"),
        pytest.param(of(flag="etcd b", set=False), "", id="absent"),
        pytest.param(of(flag="etcd b", default="no"), "", id="the default"),
        pytest.param(of(flag="etcd a", differs="kube-apiserver a"), "", id="differs"),
        pytest.param(of(config="on", **{"is": "true"}), "", id="a truth value"),
        pytest.param(of(config="deep.er", **{"is": "0"}), "", id="deeper"),
        pytest.param(of(config="deep.est", **{"not": "x"}), "is not set; expected: not x", id="not there"),
        pytest.param(of(file="/k/a.key", mode="600"), "", id="a mode"),
        pytest.param(of(file="/k/*.key", mode="600"), "/k/b.key has mode 640", id="one of several"),
        pytest.param(of(file="/k/b.key", owner="root:root"), "/k/b.key belongs to root:adm", id="an owner"),
        pytest.param(of(file="/k/b.key", says="that"), "/k/b.key doesn't say that", id="a text"),
        pytest.param(of(file="/none", mode="600"), "/none is not there", id="a missing file"),
        pytest.param(of(file="/none", mode="600", missing="passes"), "", id="one that may be missing"),
    ],
)
def test_a_judgement(check: Check, said: str) -> None:
    assert judge(check, FACTS) == said


def test_a_program_that_does_not_run_is_no_absent_flag() -> None:
    with pytest.raises(LookupError):
        judge(of(flag="kube-scheduler a", set=False), FACTS)


SAID = """process etcd --client-cert-auth=true --name=m1-b
process kube-apiserver --profiling=false
process /opt/ha-masters/bin/kubelet --hostname-override=dev-m1-b
file 600 root:root /etc/kubernetes/kubelet.json
file 644 root:root /etc/kubernetes/audit-policy.json
text /etc/kubernetes/kubelet.json { "readOnlyPort": 0 }
text /etc/kubernetes/audit-policy.json pods/exec
"""


def test_a_machine_is_read() -> None:
    asked: list[list[str]] = []

    def run(words: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(words)
        return subprocess.CompletedProcess(words, 0, SAID, "")

    assert live.ask("dev-m1-b", run) == Facts(
        "dev-m1-b",
        "master",
        {
            "etcd": {"client-cert-auth": "true", "name": "m1-b"},
            "kube-apiserver": {"profiling": "false"},
            "kubelet": {"hostname-override": "dev-m1-b"},
        },
        {"readOnlyPort": 0},
        {
            "/etc/kubernetes/kubelet.json": File("600", "root:root", '{ "readOnlyPort": 0 }'),
            "/etc/kubernetes/audit-policy.json": File("644", "root:root", "pods/exec"),
        },
    )
    assert asked == [[str(live.LAB), "ssh", "dev-m1-b", "bash", "-s"]]


def test_the_script_is_one() -> None:
    done = subprocess.run(["bash", "-n"], input=live.SCRIPT, text=True, check=False)
    assert done.returncode == 0
