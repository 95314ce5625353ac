"""Pools come and go while masters run: the API server's file follows, and what can't be read changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from node.agent.workers.known import KnownPools
from node.host import known_pools, paths
from node.host.files import under, write
from node.manifests.files import authentication
from tests.node.manifests.machines import MACHINE
from tests.node.manifests.pools import POOLS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(under(tmp_path, paths.secret("etcd-client-ca.crt")), "PEM")
    return tmp_path


def followed(root: Path) -> str:
    return under(root, paths.AUTHENTICATION).read_text()


def test_pools_come_and_go(root: Path) -> None:
    known = KnownPools(root, print)
    known.follow(MACHINE, POOLS, "")
    assert followed(root) == authentication(MACHINE, "PEM", POOLS).text
    known.follow(MACHINE, None, "")
    assert followed(root) == authentication(MACHINE, "", None).text


def test_what_was_known_stays_while_the_bucket_cannot_be_read(root: Path) -> None:
    said: list[str] = []
    known = KnownPools(root, said.append)
    known.follow(MACHINE, POOLS, "")
    for problem in ("no answer", "no answer", ""):
        known.follow(MACHINE, None if problem else POOLS, problem)
    assert followed(root) == authentication(MACHINE, "PEM", POOLS).text
    assert said == ["workers: no answer", "workers: the pools are read again"]


def test_a_next_agent_knows_them_before_it_has_read_the_bucket(root: Path) -> None:
    KnownPools(root, print).follow(MACHINE, POOLS, "")
    assert KnownPools(root, print).pools == POOLS
    assert known_pools.known(root) == POOLS


def test_a_copy_of_another_release_is_as_none(root: Path) -> None:
    write(under(root, known_pools.FILE), '{"kind": "Pools"}')
    assert known_pools.known(root) is None


def test_a_file_that_somebody_wrote_over_is_put_right(root: Path) -> None:
    known = KnownPools(root, print)
    known.follow(MACHINE, POOLS, "")
    write(under(root, paths.AUTHENTICATION), authentication(MACHINE, "", None).text)
    known.follow(MACHINE, POOLS, "")
    assert followed(root) == authentication(MACHINE, "PEM", POOLS).text


def test_without_an_authority_the_reason_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    KnownPools(tmp_path, said.append).follow(replace(MACHINE), POOLS, "")
    assert "can't be written" in said[0]
