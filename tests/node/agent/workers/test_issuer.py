"""The issuer's keys, kept and served: over HTTPS, from the last good copy, with few questions to Google."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.agent.workers import issuer
from node.agent.workers.issuer_keys import ASKED_SECONDS, FILE, REGULAR_SECONDS, RETRY_SECONDS, IssuerKeys
from node.contract.worker_identity import ISSUER
from node.host import paths
from node.host.files import under, write
from node.host.web import WebError, request
from node.manifests.worker_authentication import discovery_url
from tests.node.agent.certificates import EtcdTrust
from tests.node.agent.workers.google import GoogleKeys

LOOPBACK = "127.0.0.9"


@pytest.fixture
def google() -> Iterator[GoogleKeys]:
    with GoogleKeys() as serving:
        yield serving


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def kept(root: Path, google: GoogleKeys, clock: Clock, said: list[str] | None = None) -> IssuerKeys:
    return IssuerKeys(root, google.url, (said if said is not None else []).append, clock)


def test_keys_are_fetched_once_an_hour(tmp_path: Path, google: GoogleKeys) -> None:
    clock = Clock()
    keys = kept(tmp_path, google, clock)
    for clock.now in (0.0, REGULAR_SECONDS / 2, REGULAR_SECONDS - 1, REGULAR_SECONDS):
        keys.keep()
    assert google.asked == 2
    assert json.loads(keys.text()) == google.keys


def test_whoever_meets_an_unknown_key_hears_of_it_at_once_and_cannot_ask_for_ever(
    tmp_path: Path, google: GoogleKeys
) -> None:
    clock = Clock()
    keys = kept(tmp_path, google, clock)
    keys.keep()
    google.keys = {"keys": [{"kid": "new", "kty": "RSA"}]}
    clock.now = ASKED_SECONDS
    assert json.loads(keys.asked()) == google.keys
    for _ in range(100):
        keys.asked()
    assert google.asked == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(503, b"", id="an error"),
        pytest.param(200, b"<html>sign in to the hotel's network</html>", id="a page"),
        pytest.param(200, b'{"keys": []}', id="no keys"),
        pytest.param(200, b'{"keys": [{"kid": "a"}]}', id="half a key"),
        pytest.param(200, b'{"keys": "abc"}', id="no list"),
        pytest.param(200, b" " * 100_000, id="too large"),
    ],
)
def test_a_bad_answer_leaves_the_good_copy(
    tmp_path: Path, google: GoogleKeys, status: int, body: bytes
) -> None:
    clock, said = Clock(), list[str]()
    keys = kept(tmp_path, google, clock, said)
    keys.keep()
    before = keys.text()
    google.status, google.body = status, body
    clock.now += REGULAR_SECONDS
    keys.keep()
    clock.now += RETRY_SECONDS
    keys.keep()
    assert keys.text() == before
    assert [line for line in said if "goes on with the copy" in line] == said
    assert len(said) == 1


def test_a_failure_is_tried_again_soon_and_its_end_is_said(tmp_path: Path, google: GoogleKeys) -> None:
    clock, said = Clock(), list[str]()
    keys = kept(tmp_path, google, clock, said)
    google.status = 503
    keys.keep()
    google.status = 200
    clock.now = RETRY_SECONDS
    keys.keep()
    assert "no worker can join until then" in said[0]
    assert said[1:] == ["the keys of the workers' issuer are fetched again"]


def test_a_machine_that_boots_without_google_has_its_copy(tmp_path: Path, google: GoogleKeys) -> None:
    write(under(tmp_path, FILE), json.dumps(google.keys))
    google.status = 503
    assert json.loads(kept(tmp_path, google, Clock()).asked()) == google.keys


@pytest.fixture
def served(tmp_path: Path, google: GoogleKeys) -> Iterator[ssl.SSLContext]:
    files = EtcdTrust().files("m1-b", ["10.0.0.2", LOOPBACK], [])
    for name, content in files.items():
        write(under(tmp_path, paths.secret(name)), content, 0o600)
    server = issuer.started(issuer.IssuerServer(LOOPBACK, tmp_path, kept(tmp_path, google, Clock())), print)
    yield ssl.create_default_context(cafile=str(under(tmp_path, paths.secret("etcd-client-ca.crt"))))
    server.shutdown()
    server.server_close()


def test_an_api_server_finds_the_keys_by_the_discovery_document(
    served: ssl.SSLContext, google: GoogleKeys
) -> None:
    document = json.loads(request("GET", discovery_url(LOOPBACK), context=served).body)
    assert document["issuer"] == ISSUER
    reply = request("GET", document["jwks_uri"], context=served)
    assert json.loads(reply.body) == google.keys
    assert reply.headers["cache-control"] == "no-store"


def test_nothing_else_is_served(served: ssl.SSLContext) -> None:
    with pytest.raises(WebError, match="answered 404"):
        request("GET", discovery_url(LOOPBACK).replace(".well-known", "etc"), context=served)


def test_without_any_copy_there_are_no_keys(served: ssl.SSLContext, google: GoogleKeys) -> None:
    google.status = 503
    with pytest.raises(WebError, match="answered 404"):
        request("GET", issuer.discovery(LOOPBACK)["jwks_uri"], context=served)


def test_whoever_does_not_trust_etcds_authority_is_not_served(served: ssl.SSLContext) -> None:
    with pytest.raises(WebError, match="certificate verify failed"):
        request("GET", discovery_url(LOOPBACK), context=ssl.create_default_context())
