"""The store: transactions, restarts, ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.simulator.events import Events
from lab.simulator.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "s.sqlite")


def put_and_fail(store: Store, key: str, events: Events | None = None) -> None:
    if events:
        events.publish("disk.made", key=key)
    store.put("disks", key, {})
    raise KeyError(key)


def test_documents_survive_a_restart(tmp_path: Path) -> None:
    first = Store(tmp_path / "s.sqlite")
    first.put("disks", "a", {"sizeGb": "10"})
    first.put_blob("b", b"\x00\x01")
    number = first.next_id()
    first.close()
    second = Store(tmp_path / "s.sqlite")
    assert (second.get("disks", "a"), second.get_blob("b")) == ({"sizeGb": "10"}, b"\x00\x01")
    assert second.next_id() == number + 1


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction():
        put_and_fail(store, "a")
    assert store.get("disks", "a") is None


def test_an_inner_transaction_rolls_back_alone(store: Store) -> None:
    with store.transaction():
        store.put("disks", "outer", {})
        with pytest.raises(KeyError), store.transaction():
            put_and_fail(store, "inner")
    assert [key for key, _ in store.list("disks")] == ["outer"]


def test_list_takes_a_prefix_in_order(store: Store) -> None:
    for key in ("z/b", "z/a", "y/c"):
        store.put("disks", key, {"key": key})
    assert [key for key, _ in store.list("disks", "z/")] == ["z/a", "z/b"]


def test_events_come_after_the_commit(store: Store) -> None:
    events, seen = Events(store), []
    events.subscribe("disk.made", lambda key: seen.append((key, store.get("disks", key))))
    with store.transaction():
        events.publish("disk.made", key="a")
        store.put("disks", "a", {"sizeGb": "1"})
        assert seen == []
    assert seen == [("a", {"sizeGb": "1"})]


def test_events_of_a_rolled_back_transaction_are_never_seen(store: Store) -> None:
    events, seen = Events(store), []
    events.subscribe("*", lambda event, **_: seen.append(event))
    with pytest.raises(KeyError), store.transaction():
        put_and_fail(store, "a", events)
    assert seen == []
