"""Secrets by a former key are counted, and written anew some at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from node.agent.kubernetes import reencryption
from node.agent.kubernetes.reencryption import REST_SECONDS, Reencryption
from node.contract.api_server import ApiServer
from node.contract.secret_files import ENCRYPTION_KEYS
from node.contract.status import Encryption
from node.host import paths
from node.host.files import under, write
from node.manifests.apiserver_files import key_name
from tests.node.manifests.machines import MACHINE

NEW, OLD = "the new key", "the old key"
TWO = replace(MACHINE, api_server=ApiServer(encryption_keys=(2, 1)))


@dataclass
class Cluster:
    """Secrets by name and the key that wrote each. `writes` is the key that the apiserver writes by."""

    secrets: dict[str, str] = field(default_factory=dict)
    writes: str = NEW
    pages: int = 0

    def page(self, _address: str, begin: str, end: str, limit: int) -> list[tuple[str, bytes]]:
        self.pages += 1
        keys = [f"/registry/secrets/default/{name}" for name in sorted(self.secrets)]
        found = [key for key in keys if begin <= key < end][:limit]
        return [(key, self._value(self.secrets[key.rpartition("/")[2]])) for key in found]

    def write_again(self, path: str) -> None:
        assert path.startswith("/api/v1/namespaces/default/secrets/")
        self.secrets[path.rpartition("/")[2]] = self.writes

    @staticmethod
    def _value(key: str) -> bytes:
        return f"k8s:enc:secretbox:v1:{key_name(key)}:sealed".encode() if key else b"k8s\x00in the clear"


@pytest.fixture
def agent(tmp_path: Path) -> Reencryption:
    for file, key in zip(ENCRYPTION_KEYS, (NEW, OLD), strict=True):
        write(under(tmp_path, paths.secret(file)), key, 0o600)
    return Reencryption(tmp_path)


def test_with_one_key_nothing_is_read(agent: Reencryption) -> None:
    cluster = Cluster({"a": OLD})
    assert agent.tend(MACHINE, cluster, lambda: cluster, 0) == ""
    assert (cluster.pages, agent.counted) == (0, None)


def test_what_another_key_wrote_is_written_anew_and_counted(agent: Reencryption) -> None:
    cluster = Cluster({"a": OLD, "b": NEW, "c": "", "d": "a key of nobody"})
    assert agent.tend(TWO, cluster, lambda: cluster, 0) == "has 3 Secrets encrypted anew, by key 2"
    assert agent.counted == Encryption(((2, 1), (1, 1)), other=2)
    assert agent.tend(TWO, cluster, lambda: cluster, 0.1) == ""
    assert agent.counted == Encryption(((2, 4), (1, 0)), other=0)


def test_many_are_written_some_at_a_time(agent: Reencryption, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reencryption, "AT_ONCE", 3)
    monkeypatch.setattr(reencryption, "PAGE", 2)
    cluster = Cluster(dict.fromkeys("abcdefg", OLD))
    said = [agent.tend(TWO, cluster, lambda: cluster, number / 10) for number in range(4)]
    assert [each.partition(" Secrets")[0] for each in said] == ["has 3", "has 3", "has 1", ""]
    assert agent.counted == Encryption(((2, 7), (1, 0)))


def test_an_apiserver_that_writes_by_the_former_key_as_yet_is_left_in_peace(agent: Reencryption) -> None:
    cluster = Cluster({"a": OLD}, writes=OLD)
    assert agent.tend(TWO, cluster, lambda: cluster, 0) != ""
    assert agent.tend(TWO, cluster, lambda: cluster, 0.1) != ""
    assert agent.tend(TWO, cluster, lambda: cluster, 0.2) == ""
    assert agent.tend(TWO, cluster, lambda: cluster, REST_SECONDS + 1) != ""


def test_after_the_first_count_it_rests(agent: Reencryption) -> None:
    cluster = Cluster({"a": NEW})
    agent.tend(TWO, cluster, lambda: cluster, 0)
    pages = cluster.pages
    agent.tend(TWO, cluster, lambda: cluster, REST_SECONDS - 1)
    assert cluster.pages == pages


def test_who_has_not_led_meanwhile_counts_anew(agent: Reencryption) -> None:
    cluster = Cluster({"a": NEW})
    agent.tend(TWO, cluster, lambda: cluster, 0)
    agent.forget()
    assert agent.counted is None
    agent.tend(TWO, cluster, lambda: cluster, 1)
    assert agent.counted == Encryption(((2, 1), (1, 0)))


def test_once_there_is_one_key_again_there_is_no_count(agent: Reencryption) -> None:
    cluster = Cluster({"a": NEW})
    agent.tend(TWO, cluster, lambda: cluster, 0)
    agent.tend(replace(MACHINE, api_server=ApiServer(encryption_keys=(2,))), cluster, lambda: cluster, 1)
    assert agent.counted is None
