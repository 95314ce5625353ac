"""A look that meets nobody, or somebody slow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from components.config import StackConfig, parse
from components.google.provider_config import ProviderConfig
from components.google.transport import Google
from components.present.facts import Present, Unseen
from components.present.look import look
from tests.components.recording import NOBODY
from tests.http_server import HttpServer, Quiet


class EmptyBucket(Quiet):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")


@pytest.fixture
def only_storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cloud Storage answers and Compute Engine doesn't."""
    with HttpServer(EmptyBucket) as server:
        monkeypatch.setenv("GOOGLE_STORAGE_CUSTOM_ENDPOINT", f"{server.url}/storage/v1/")
        monkeypatch.setenv("GOOGLE_COMPUTE_CUSTOM_ENDPOINT", NOBODY)
        yield


def through() -> Google:
    return Google(ProviderConfig.read({"accessToken": "token"}.get))


def of_one(**api: object) -> StackConfig:
    raw = {"clusterName": "dev", "replicas": [{"name": "m1", "zone": "europe-west1-b"}], "api": api}
    return parse(raw, region="europe-west1", project="lab-project")


def test_a_bucket_that_nobody_serves_leaves_all_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_STORAGE_CUSTOM_ENDPOINT", NOBODY)
    monkeypatch.setenv("GOOGLE_COMPUTE_CUSTOM_ENDPOINT", NOBODY)
    config = of_one()
    assert isinstance(look(config.replicas, config, through()), Unseen)


@pytest.mark.usefixtures("only_storage")
@pytest.mark.parametrize(("balancer", "asked"), [("auto", False), ("always", True)])
def test_a_sole_master_s_load_balancer_is_asked_where_it_has_one(balancer: str, asked: bool) -> None:
    config = of_one(loadBalancer=balancer)
    seen = look(config.replicas, config, through())
    assert isinstance(seen, Present)
    assert any("the load balancer could not be asked" in each for each in seen.unasked) == asked
