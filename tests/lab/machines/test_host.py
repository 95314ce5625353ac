"""What a computer needs before it can run machines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lab.machines import host
from lab.machines.host import PACKAGES, Host, HostError, absent, obstacle

WELL = Host(
    "Linux",
    root=True,
    hierarchies=frozenset({"cpu", "cpuset", "devices", "freezer", "memory", "pids", "systemd", "unified"}),
    programs=frozenset({*PACKAGES, "go"}),
)


@pytest.mark.parametrize(
    ("there", "why"),
    [
        pytest.param(WELL, "", id="all there"),
        pytest.param(replace(WELL, programs=frozenset({"go"})), "", id="packages can be installed"),
        pytest.param(replace(WELL, system="Darwin"), "need Linux", id="no Linux"),
        pytest.param(replace(WELL, root=False), "need root", id="no root"),
        pytest.param(
            replace(WELL, hierarchies=frozenset()), "cgroups of version 1", id="cgroups of version 2"
        ),
        pytest.param(replace(WELL, programs=frozenset(PACKAGES)), "no Go", id="no Go"),
    ],
)
def test_obstacles(there: Host, why: str) -> None:
    assert (why in obstacle(there)) if why else obstacle(there) == ""


def test_packages_of_the_programs_that_are_absent() -> None:
    there = replace(WELL, programs=WELL.programs - {"nft", "debootstrap"})
    assert absent(there) == ("debootstrap", "nftables")
    assert absent(WELL) == ()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH on which nothing is but what a test puts there; nftables is missing at first."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def look() -> Host:
        found = {"nft"} if (tmp_path / "nft").exists() else set()
        return replace(WELL, programs=(WELL.programs - {"nft"}) | found)

    monkeypatch.setattr(host, "look", look)
    return tmp_path


def apt_get(folder: Path, script: str) -> Path:
    """A stand-in, and the file in which it keeps what it was told."""
    told = folder / "told"
    (folder / "apt-get").write_text(f'#!/bin/bash\necho "$@" >> {told}\n{script}\n')
    (folder / "apt-get").chmod(0o755)
    return told


def test_missing_packages_are_installed(bare: Path) -> None:
    told = apt_get(bare, f'case "$1" in install) : > {bare}/nft;; esac')
    said: list[str] = []
    host.prepare(said.append)
    assert told.read_text().splitlines() == ["update", "install --yes --no-install-recommends nftables"]
    assert said == ["installing what machines need: nftables"]
    host.prepare(said.append)
    assert len(said) == 1, "a second time there is nothing to do"


def test_an_old_list_of_packages_may_do(bare: Path) -> None:
    apt_get(bare, f'case "$1" in update) exit 100;; install) : > {bare}/nft;; esac')
    host.prepare(lambda _: None)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        pytest.param("echo no network >&2; exit 100", "ended with 100:\nno network", id="apt-get fails"),
        pytest.param("", "apt-get install nftables", id="it brings nothing"),
        pytest.param(None, "no apt-get", id="there is none"),
    ],
)
def test_where_that_fails_it_says_what_to_do(bare: Path, script: str | None, why: str) -> None:
    if script is not None:
        apt_get(bare, script)
    with pytest.raises(HostError) as raised:
        host.prepare(lambda _: None)
    assert why in str(raised.value)
    assert "apt-get install nftables" in str(raised.value)
    assert "lab up --guests model" in str(raised.value)
