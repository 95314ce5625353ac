"""What a command says and does where there is no way to the API, and whether it then asks the provider to skip."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pulumi
import pytest

from components.addons import skipping, way
from tests.node.agent.certificates import SERVER, Authority

URL, NO_WAY = "https://203.0.113.10:443", "[Errno 111] Connection refused"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", found.append)
    return found


def no_way(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("look", "wait"):
        monkeypatch.setattr(way, name, lambda *_: NO_WAY)


@pytest.mark.parametrize(
    ("same", "skips"),
    [
        pytest.param(True, "true", id="as they are: nothing of the provider's changes either"),
        pytest.param(False, "false", id="to change: compared with the state, so that it is seen"),
    ],
)
def test_a_preview_says_so_in_a_line_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, said: list[str], same: bool, skips: str
) -> None:
    no_way(monkeypatch)
    assert skipping._previewed(URL, "ca", same=same) == skips
    assert said == [
        f"No way from here to the API at {URL} ({NO_WAY}): Kubernetes isn't asked about the add-ons. What is shown of them "
        "compares with this stack's last update."
    ]


def test_an_update_with_nothing_to_bring_goes_through(
    monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    no_way(monkeypatch)
    assert skipping._updated(URL, "ca", "id", unchanged=True) == "true"
    assert len(said) == 1


def test_an_update_with_something_to_bring_fails_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    no_way(monkeypatch)
    with pytest.raises(pulumi.RunError, match=r"the add-ons wait\. The masters have had their turns\."):
        skipping._updated(URL, "ca", "id", unchanged=False)


@pytest.mark.parametrize("same", [True, False])
def test_with_a_way_nothing_is_said(monkeypatch: pytest.MonkeyPatch, said: list[str], same: bool) -> None:
    monkeypatch.setattr(way, "look", lambda *_: "")
    assert (skipping._previewed(URL, "ca", same=same), said) == ("true", [])


def test_where_nobody_listens_is_no_way() -> None:
    ca = Authority("cluster").pem
    assert way.look("https://127.0.0.1:1", ca, 1) == NO_WAY


def test_what_has_another_certificate_is_no_way(tmp_path: Path) -> None:
    ca, another = Authority("cluster"), Authority("another")
    with listening(another, tmp_path) as url:
        assert "certificate verify failed" in way.look(url, ca.pem, 5)


def test_an_api_that_refuses_us_is_there(tmp_path: Path) -> None:
    """It answers 401 to who has no certificate, which the look hasn't."""
    ca = Authority("cluster")
    with listening(ca, tmp_path) as url:
        assert way.look(url, ca.pem, 5) == ""


@contextmanager
def listening(authority: Authority, folder: Path) -> Iterator[str]:
    class Refuses(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(401)

        def log_message(self, *_: object) -> None:
            pass

    (folder / "pem").write_text("".join(authority.issue("api", [SERVER], [], ["127.0.0.1"])))
    server = HTTPServer(("127.0.0.1", 0), Refuses)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
