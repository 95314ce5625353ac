"""What the gates see of a bucket, through HTTP as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from components.gates.cluster_reader import ClusterReader
from components.gates.cluster_status import Claim
from components.google.machine import Place
from components.google.provider_config import ProviderConfig
from components.google.transport import Google
from node.contract.status import ReplicaStatus
from tests.http_server import HttpServer, Quiet

NOW = "Sat, 21 Nov 2026 12:00:30 GMT"
STATUS = ReplicaStatus("dev", "m1-b", "1", "hash", "serving").to_json()


class Bucket(Quiet):
    """`objects`: name to (updated, content)."""

    objects: dict[str, tuple[str, str]]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        prefix = parse_qs(url.query).get("prefix", [""])[0]
        if url.path.endswith("/o"):
            items = [
                {"name": name, "updated": updated, "generation": "7"}
                for name, (updated, _) in self.objects.items()
                if name.startswith(prefix)
            ]
            self._reply(json.dumps({"items": items}))
        elif unquote(url.path.rsplit("/", 1)[-1]) not in self.objects:
            self.send_error(404)
        else:
            self._reply(self.objects[unquote(url.path.rsplit("/", 1)[-1])][1])

    def send_response(self, code: int, message: str | None = None) -> None:
        self.send_response_only(code, message)
        self.send_header("Date", NOW)

    def _reply(self, body: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterReader]:
    Bucket.objects = {
        "desired/members.json": ("2026-11-21T11:00:00Z", "{}"),
        "snapshots/one.db": ("2026-11-21T12:00:00Z", "…"),
        "status/m1-b.json": ("2026-11-21T12:00:05.250Z", STATUS),
        "status/m2-c.json": ("2026-11-21T11:59:59.000Z", STATUS),
        "status/m3-d.json": ("2026-11-21T12:00:20Z", '{"apiVersion": "ha-masters/v9"}'),
    }
    with HttpServer(Bucket) as server:
        monkeypatch.setenv("GOOGLE_STORAGE_CUSTOM_ENDPOINT", f"{server.url}/storage/v1/")
        yield ClusterReader(Google(ProviderConfig.read({"accessToken": "token"}.get)))


def test_a_status_of_the_last_30_seconds_is_fresh(reader: ClusterReader) -> None:
    assert set(reader.cluster("bucket").fresh) == {"m1-b"}


def test_an_old_status_is_stale(reader: ClusterReader) -> None:
    assert reader.cluster("bucket").stale == {"m2-c"}


def test_a_status_that_cannot_be_understood_is_told_apart(reader: ClusterReader) -> None:
    assert reader.cluster("bucket").unreadable == {"m3-d"}


def test_a_claim_comes_with_its_age_and_generation(reader: ClusterReader) -> None:
    Bucket.objects["desired/down.json"] = ("2026-11-21T12:00:10Z", '{"replica": "m2-c", "instanceId": "4"}')
    assert reader.cluster("bucket").claim == Claim("m2-c", "4", 20.0, "7")


def test_a_neighbour_s_machine_is_found_by_its_identity() -> None:
    place = Place("p", "europe-west1-b", "prod-m1-b")
    assert place.beside("m1-b", "m2-c") == Place("p", "europe-west1-c", "prod-m2-c")


def test_generations_of_what_was_asked(reader: ClusterReader) -> None:
    seen = reader.cluster("bucket")
    assert (seen.members_generation, seen.retained_generation) == ("7", "")
