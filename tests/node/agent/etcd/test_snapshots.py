"""When a snapshot is due, and which are removed, with a bucket that only remembers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from node.agent.etcd.snapshots import LONGEST_SKIP, REMOVED_AT_ONCE, Snapshots
from node.contract.machine_config import MachineConfig
from node.contract.metadata import Machine
from node.contract.snapshots import BY_AGE, Keep
from node.contract.status import EtcdView
from node.host.bucket import Described, Listed
from tests.node.manifests.machines import MACHINE

INTERVAL = 1800
CONFIG = replace(cast(MachineConfig, MACHINE.config), backup_interval_seconds=INTERVAL)
AT = 100_000.0


@dataclass
class FakeBucket:
    objects: dict[str, Listed] = field(default_factory=dict)

    def list(self, prefix: str) -> list[Listed]:
        return list(self.objects.values())

    def write(self, name: str, content: Any) -> None:
        self.objects[name] = Listed(name, "1", 0.0)

    def describe(self, name: str) -> Described:
        return Described("1", 3, "")

    def annotate(self, name: str, generation: str, notes: dict[str, str]) -> None:
        self.objects[name] = replace(self.objects[name], notes=notes)

    def remove(self, name: str, generation: str) -> None:
        del self.objects[name]


class FakeEtcd:
    """Gateway and etcdutl in one: a database of three bytes."""

    def snapshot(self, address: str, file: Any) -> None:
        file.write(b"abc")

    def revision(self, machine: Machine, path: Path) -> int:
        return 12


def view(revision: int, cluster: str = "1f") -> EtcdView:
    return EtcdView(cluster, "1", "m1-b", revision, ())


def taken(tmp_path: Path, *, read: bool = True) -> Snapshots:
    """One that was taken at `AT`, when etcd was at revision 12 of cluster 1f."""
    etcd = FakeEtcd()
    found = Snapshots(FakeBucket(), tmp_path, etcd)  # type: ignore[arg-type]
    found.take(machine(), etcd, view(12), AT, read=read)  # type: ignore[arg-type]
    return found


def machine(keep: Keep | None = None) -> Machine:
    return replace(MACHINE, config=replace(CONFIG, snapshot_keep=keep or BY_AGE))


@pytest.mark.parametrize(
    ("seen", "later", "due"),
    [
        pytest.param(view(13), INTERVAL - 1, False, id="too early"),
        pytest.param(view(13), INTERVAL, True, id="written since"),
        pytest.param(view(12), INTERVAL, False, id="nothing written since"),
        pytest.param(view(12, "2e"), INTERVAL, True, id="another cluster of the same revision"),
        pytest.param(None, INTERVAL, True, id="no view"),
        pytest.param(view(12), LONGEST_SKIP, True, id="half a day later"),
    ],
)
def test_an_unchanged_revision_is_skipped(
    tmp_path: Path, seen: EtcdView | None, later: float, due: bool
) -> None:
    assert taken(tmp_path).due(machine(), seen, AT + later) is due


def test_what_was_skipped_is_told_and_looked_at_again_an_interval_later(tmp_path: Path) -> None:
    snapshots = taken(tmp_path)
    assert not snapshots.due(machine(), view(12), AT + INTERVAL)
    assert snapshots.backup is not None
    assert snapshots.backup.unchanged_at >= snapshots.backup.taken_at > ""
    assert not snapshots.due(machine(), view(13), AT + INTERVAL + 60)
    assert snapshots.due(machine(), view(13), AT + 2 * INTERVAL)


def test_one_that_was_not_read_is_never_the_reason_to_skip(tmp_path: Path) -> None:
    assert taken(tmp_path, read=False).due(machine(), view(12), AT + INTERVAL)


def test_one_of_another_machine_is_never_the_reason_to_skip(tmp_path: Path) -> None:
    """A new leader's agent knows how old the newest is, and not whether it is any good."""
    bucket = FakeBucket({"snapshots/x.db": Listed("snapshots/x.db", "1", INTERVAL + 1.0)})
    assert Snapshots(bucket, tmp_path, FakeEtcd()).due(machine(), view(12), AT)  # type: ignore[arg-type]


def hourly(days: int) -> dict[str, Listed]:
    names = {
        f"snapshots/2026-11-{day:02}T{hour:02}:00:00Z-4711-m1-b.db": ((30 - day) * 24 + 24 - hour) * 3600.0
        for day in range(31 - days, 31)
        for hour in range(24)
    }
    return {name: Listed(name, "1", age, {"verified-at": "x"}) for name, age in names.items()}


@pytest.mark.parametrize(
    ("keep", "named", "left"),
    [
        pytest.param(Keep(), (), 48, id="nothing is asked for"),
        pytest.param(Keep(daily=2), (), 48 - REMOVED_AT_ONCE, id="so many at once"),
        pytest.param(Keep(hourly=46), (), 46, id="two too many"),
        pytest.param(
            Keep(hourly=46), ("snapshots/2026-11-29T00:00:00Z-4711-m1-b.db",), 47, id="one is named"
        ),
    ],
)
def test_what_is_one_too_many_is_removed(
    tmp_path: Path, keep: Keep, named: tuple[str, ...], left: int
) -> None:
    bucket = FakeBucket(hourly(2))
    gone = Snapshots(bucket, tmp_path, FakeEtcd()).tidy(machine(keep), named)  # type: ignore[arg-type]
    assert (len(bucket.objects), gone) == (left, 48 - left)
