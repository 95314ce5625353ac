"""What a computer needs before it can run machines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lab.machines import cgroups, host
from lab.machines.host import PACKAGES, Host, HostError, absent, obstacle

WELL = Host(
    "Linux",
    root=True,
    unified=True,
    confined=False,
    controllers=frozenset({"cpu", "cpuset", "hugetlb", "io", "memory", "pids"}),
    programs=frozenset({*PACKAGES, "go"}),
    tries=True,
)
FORMER = replace(
    WELL,
    unified=False,
    controllers=frozenset({"cpu", "cpuset", "devices", "freezer", "memory", "pids", "systemd", "unified"}),
)


@pytest.mark.parametrize(
    ("there", "why"),
    [
        pytest.param(WELL, "", id="all there"),
        pytest.param(replace(WELL, programs=frozenset({"go"})), "", id="packages can be installed"),
        pytest.param(replace(WELL, system="Darwin"), "need Linux", id="no Linux"),
        pytest.param(replace(WELL, root=False), "need root", id="no root"),
        pytest.param(FORMER, "", id="cgroups of version 1"),
        pytest.param(replace(WELL, tries=False), "LAB_CGROUPS_2=1 tries it", id="cgroups of version 2"),
        pytest.param(
            replace(FORMER, controllers=FORMER.controllers - {"freezer"}),
            "freezer is not there",
            id="no freezer",
        ),
        pytest.param(
            replace(WELL, controllers=WELL.controllers - {"memory"}), "memory is not there", id="no memory"
        ),
        pytest.param(replace(WELL, confined=True), "--cgroupns=host", id="a container's part"),
        pytest.param(replace(WELL, programs=frozenset(PACKAGES)), "no Go", id="no Go"),
    ],
)
def test_obstacles(there: Host, why: str) -> None:
    assert (why in obstacle(there)) if why else obstacle(there) == ""


@pytest.mark.parametrize(
    ("files", "version_2", "confined", "controllers"),
    [
        pytest.param(
            {"cgroup.controllers": "cpu memory pids\n", "cgroup.procs": "1\n"},
            True,
            False,
            {"cpu", "memory", "pids"},
            id="the computer's own root",
        ),
        pytest.param(
            {"cgroup.controllers": "cpu\n", "cgroup.procs": "1\n", "cgroup.type": "domain\n"},
            True,
            True,
            {"cpu"},
            id="a container with processes in its root",
        ),
        pytest.param(
            {"cgroup.controllers": "cpu\n", "cgroup.procs": "", "cgroup.type": "domain\n"},
            True,
            False,
            {"cpu"},
            id="a container that moved them",
        ),
        pytest.param(
            {"cpu/cgroup.procs": "1\n", "unified/cgroup.procs": "1\n", "unified/cgroup.controllers": "\n"},
            False,
            False,
            {"cpu", "unified"},
            id="version 1, with 2 beside it",
        ),
    ],
)
def test_cgroups_of_a_computer(
    tmp_path: Path, files: dict[str, str], version_2: bool, confined: bool, controllers: set[str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert cgroups.unified(tmp_path) == version_2
    assert cgroups.confined(tmp_path) == confined
    assert cgroups.controllers(tmp_path) == controllers


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
