"""A machine's part of the cgroups, of the version that this computer has, with plain processes in it. `make real-kernel`
runs these on a system with version 2.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.machines import cgroups
from lab.machines.host import missing
from tests.lab.machines.left import frozen
from tests.waiting import until

pytestmark = [pytest.mark.root, pytest.mark.skipif(bool(missing()), reason=missing())]

_ROOT = Path("/sys/fs/cgroup")
_ENTERED = [_ROOT] if cgroups.unified() else [_ROOT / "freezer", _ROOT / "memory"]


class Part:
    def __init__(self) -> None:
        self.path = f"hm-{secrets.token_hex(3)}"
        self.started: list[subprocess.Popen[bytes]] = []

    def run(self, below: str, command: str = "sleep 300") -> subprocess.Popen[bytes]:
        cgroups.make(f"{self.path}/{below}")
        folders = [hierarchy / self.path / below for hierarchy in _ENTERED]
        enter = " ".join(f"{folder}/cgroup.procs" for folder in folders)
        process = subprocess.Popen(
            ["bash", "-c", f"echo $$ | tee {enter} && exec {command}"], stdout=subprocess.DEVNULL
        )
        at = [folder / "cgroup.procs" for folder in folders]
        until("inside", lambda: all(str(process.pid) in file.read_text().split() for file in at))
        self.started.append(process)
        return process

    def end(self) -> None:
        cgroups.clear(self.path)
        for process in self.started:
            process.kill()
            process.wait()


@pytest.fixture
def part() -> Iterator[Part]:
    made = Part()
    yield made
    made.end()


def gone(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def test_freeze_and_thaw(part: Part) -> None:
    part.run("m1")
    cgroups.freeze(f"{part.path}/m1")
    until("frozen", lambda: frozen(_ENTERED[0] / part.path / "m1"))
    cgroups.thaw(f"{part.path}/m1")
    until("thawed", lambda: not frozen(_ENTERED[0] / part.path / "m1"))


def test_memory_is_that_of_its_processes(part: Part) -> None:
    part.run("m1", "python3 -c 'held = bytes(bytearray(30_000_000)); input()' < <(sleep 300)")
    until("30 MB", lambda: 30_000_000 < cgroups.memory_bytes(f"{part.path}/m1") < 90_000_000, 60)
    assert cgroups.memory_bytes(f"{part.path}/m2") == 0


def test_clear_ends_all_below_and_leaves_nothing(part: Part) -> None:
    one, two = part.run("m1"), part.run("m2/inner")
    stranger = Part()
    other = stranger.run("m1")
    try:
        cgroups.clear(part.path)
        assert one.wait(5) == two.wait(5) == -9
        assert [h for h in (_ROOT, *_ROOT.glob("*")) if (h / part.path).exists()] == []
        assert other.poll() is None
    finally:
        stranger.end()


def test_clear_ends_what_is_frozen(part: Part) -> None:
    """As when a lab with a frozen machine was killed: each part was frozen by itself."""
    process = part.run("m1/inner")
    cgroups.freeze(f"{part.path}/m1")
    until("frozen", lambda: frozen(_ENTERED[0] / part.path / "m1"))
    cgroups.clear(part.path)
    until("its end", lambda: gone(process), 5)
    assert not any((hierarchy / part.path).exists() for hierarchy in _ENTERED)


def test_clear_of_nothing_is_no_error() -> None:
    cgroups.clear(f"hm-{os.getpid():x}")
