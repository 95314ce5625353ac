"""docs/guides/rotate-an-authority.md, typed word for word, with a stage that is taken back and one that is skipped."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import Living
from tests.stack.harness import Outcome, Stack
from tests.stack.invariants import broken_promises

pytestmark = [pytest.mark.toolchain, pytest.mark.slow, pytest.mark.matrix]

GUIDE = Path(__file__).parents[2] / "docs/guides/rotate-an-authority.md"
MASTERS = ["m1/b", "m2/c", "m3/d"]
SET = "config set --path ha-masters:authorities.etcdPeers"


def stages() -> list[list[list[str]]]:
    """The guide's commands without their `pulumi`, up to each `up`."""
    block = re.search(r"<!-- run: etcdPeers -->\n```console\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert block is not None
    lines = [shlex.split(line.removeprefix("$ "))[1:] for line in block[1].splitlines()]
    found: list[list[list[str]]] = [[]]
    for line in lines:
        found[-1].append(line)
        if line[0] == "up":
            found.append([])
    return found[:-1]


def typed(stack: Stack, *lines: list[str], check: bool = True) -> Outcome:
    *before, last = lines
    for line in before:
        stack.run(*line)
    return stack.run(*last, check=check)


def test_the_members_of_etcd_get_another_authority(living: Living) -> None:
    stack = living(MASTERS)
    trust, issue, distrust = stages()
    plain = stack.inventory()
    typed(stack, *trust)
    assert set(stack.inventory()) - set(plain) == {
        f"ha-masters:index:ControlPlane${each}"
        for each in (
            "ha-masters:index:EtcdCluster$ha-masters:index:CertificateAuthority::etcd-peer-ca-2",
            "ha-masters:index:EtcdCluster$ha-masters:index:CertificateAuthority"
            "$tls:index/privateKey:PrivateKey::etcd-peer-ca-2-key",
            "ha-masters:index:EtcdCluster$ha-masters:index:CertificateAuthority"
            "$tls:index/selfSignedCert:SelfSignedCert::etcd-peer-ca-2-cert",
        )
    }
    skipped = typed(
        stack,
        shlex.split(f"{SET}[0] 2"),
        shlex.split("config rm --path ha-masters:authorities.etcdPeers[1]"),
        ["preview"],
        check=False,
    )
    assert "[1, 2] can't become [2]." in skipped.output
    assert "Set it to [2, 1] first. Nothing was changed" in " ".join(skipped.output.split())

    told = typed(stack, shlex.split(f"{SET}[1] 1"), ["preview"]).output
    assert "Generation 2 issues certificates of etcd's members among each other" in " ".join(told.split())
    typed(stack, *issue)
    typed(stack, shlex.split(f"{SET}[0] 1"), shlex.split(f"{SET}[1] 2"), ["up", "--yes", "--skip-preview"])
    typed(stack, *issue)
    typed(stack, *distrust)
    stack.settled()
    assert not [name for name in stack.inventory() if re.search(r"::etcd-peer-ca(-key|-cert)?$", name)]
    assert stack.cloud.voters() == ["m1-b", "m2-c", "m3-d"]
    assert broken_promises(stack.cloud.entries()) == []
