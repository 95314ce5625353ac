"""Keys that have expired: the newest version of the secret is taken, whatever the metadata say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.simulator.client import Client
from lab.simulator.server import Simulator
from node.bootstrap.every_machine import Site
from node.bootstrap.master import configure, installed, renew
from node.contract.metadata import Machine
from node.contract.secret_files import NEEDED
from node.host import endpoints
from node.host.metadata_server import Metadata
from tests.node.bootstrap.site import Cloud, Programs, a_root
from tests.node.host.test_certificates import certificate


class Master:
    """One machine whose metadata name the first version."""

    def __init__(self, folder: Path, cloud: Cloud) -> None:
        self.cloud, self.root, self.said = cloud, a_root(folder), list[str]()
        self._metadata = Metadata(cloud.metadata.url)
        self.site = Site(
            self.root,
            self._metadata,
            endpoints.Endpoints(cloud.url, cloud.url),
            Programs(self.root),
            self.said.append,
        )

    def names(self, version: str) -> None:
        self.cloud.metadata.change(secret=version)

    def boot(self) -> None:
        document, _ = self._metadata.instance()
        configure(self.site, Machine.of(document), document["attributes"])

    def renew(self) -> bool:
        document, _ = self._metadata.instance()
        return renew(self.site, Machine.of(document), document["attributes"])

    @property
    def version(self) -> int:
        return int(installed(self.root)[0].rpartition("/")[2])


@pytest.fixture
def master(tmp_path: Path) -> Iterator[Master]:
    simulator = Simulator(tmp_path / "simulator").start()
    cloud = Cloud(simulator.url)
    with cloud.metadata.serving():
        yield Master(tmp_path / "root", cloud)
    simulator.stop()


def keys(hours: float) -> dict[str, str]:
    """All leaves end in so many hours."""
    leaf = certificate(datetime.now(UTC) + timedelta(hours=hours))
    return {name: leaf if name.endswith(".crt") else f"content of {name}" for name in NEEDED}


def test_expired_keys_are_replaced_by_the_newest_version_at_boot(master: Master) -> None:
    master.names(master.cloud.add_secret(keys(-1)))
    master.cloud.add_secret(keys(900))
    master.boot()
    assert master.version == 3
    assert "takes version 3" in master.said[-1]


def test_expired_keys_are_replaced_while_the_machine_runs(master: Master) -> None:
    master.names(master.cloud.add_secret(keys(0.5)))
    master.boot()
    before = master.version, master.renew()
    master.cloud.add_secret(keys(900))
    assert (before, master.renew(), master.version) == ((2, False), True, 3)


def test_keys_that_are_good_wait_for_their_turn(master: Master) -> None:
    master.names(master.cloud.add_secret(keys(2)))
    master.boot()
    master.cloud.add_secret(keys(900))
    assert (master.renew(), master.version) == (False, 2)


def test_a_newer_version_that_cannot_serve_leaves_the_keys_as_they_are(master: Master) -> None:
    master.names(master.cloud.add_secret(keys(-1)))
    master.boot()
    master.cloud.add_secret({"ca.crt": "alone"})
    assert (master.renew(), master.version) == (False, 2)
    assert "no newer ones can be had: the replica's secret lacks" in master.said[-1]


def test_a_newest_version_that_is_disabled_leaves_the_keys_as_they_are(master: Master) -> None:
    master.names(master.cloud.add_secret(keys(-1)))
    master.boot()
    newest = master.cloud.add_secret(keys(900))
    assert Client(master.cloud.url).post(f"/v1/{newest}:disable", {}).status == 200
    assert (master.renew(), master.version) == (False, 2)


def test_newer_keys_serve_on_while_secret_manager_is_away(master: Master) -> None:
    master.names(master.cloud.add_secret(keys(-1)))
    master.cloud.add_secret(keys(900))
    master.boot()
    master.site = replace(master.site, endpoints=endpoints.Endpoints(master.cloud.url, "http://127.0.0.1:1"))
    master.boot()
    assert master.version == 3
    assert "goes on with the keys that are here" in master.said[-1]
