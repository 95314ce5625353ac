"""What machines keep: folders of boot disks, and filesystem images behind loop devices."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.machines import disks
from lab.machines.disks import Disks

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="loop devices take root")


@pytest.fixture
def containerd(tmp_path: Path) -> Path:
    """As the image has it: a layer and a database."""
    made = tmp_path / "image" / "containerd"
    made.mkdir(parents=True)
    (made / "layer").write_text("a program")
    (made / "meta.db").write_text("written all the time")
    return made


def test_a_boot_disk_shares_layers_and_owns_databases(tmp_path: Path, containerd: Path) -> None:
    boot = Disks(tmp_path / "disks").boot("7", containerd)
    assert (boot / "containerd/layer").stat().st_ino == (containerd / "layer").stat().st_ino
    (boot / "containerd/meta.db").write_text("mine")
    assert (containerd / "meta.db").read_text() == "written all the time"


def test_a_boot_disk_keeps_what_its_machine_wrote(tmp_path: Path, containerd: Path) -> None:
    kept = Disks(tmp_path / "disks")
    (kept.boot("7", containerd) / "containerd/meta.db").write_text("mine")
    assert (kept.boot("7", containerd) / "containerd/meta.db").read_text() == "mine"


def test_a_copy_that_was_broken_off_begins_anew(tmp_path: Path, containerd: Path) -> None:
    half = tmp_path / "disks/7/containerd.new"
    half.mkdir(parents=True)
    (half / "half").touch()
    boot = Disks(tmp_path / "disks").boot("7", containerd)
    assert sorted(file.name for file in (boot / "containerd").iterdir()) == ["layer", "meta.db"]


def test_disks_that_the_api_deleted_are_thrown_away(tmp_path: Path, containerd: Path) -> None:
    kept = Disks(tmp_path / "disks")
    kept.boot("7", containerd)
    kept.boot("8", containerd)
    kept.keep(lambda: ["8"])
    assert [folder.name for folder in (tmp_path / "disks").iterdir()] == ["8"]


@pytest.mark.root
@needs_root
def test_a_disk_grows_under_the_machine_that_has_it(tmp_path: Path) -> None:
    kept = Disks(tmp_path / "disks")
    device = kept.attach("7", 1)
    try:
        kept.grow("7", 3)
        kept.grow("7", 2)
        with Path(device).open("rb") as opened:
            assert opened.seek(0, os.SEEK_END) == 3 << 30
    finally:
        disks.detach(device)


@pytest.mark.root
@needs_root
def test_a_data_disk_is_a_device_that_outlives_its_machine(tmp_path: Path) -> None:
    kept = Disks(tmp_path / "disks")
    device = kept.attach("7", 1)
    try:
        with Path(device).open("r+b") as opened:
            opened.write(b"kept")
            assert opened.seek(0, os.SEEK_END) == 1 << 30
        assert disks.devices_below(tmp_path) == [device]
    finally:
        disks.detach(device)
    assert disks.devices_below(tmp_path) == []
    file = tmp_path / "disks/7/data.img"
    assert file.stat().st_blocks * 512 < 1 << 20, "sparse"
    again = kept.attach("7", 2)
    try:
        with Path(again).open("rb") as opened:
            assert opened.read(4) == b"kept"
            assert opened.seek(0, os.SEEK_END) == 2 << 30, "a disk grows"
    finally:
        disks.detach(again)
    kept.blank("7")
    assert not file.exists()
