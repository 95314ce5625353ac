"""Options of the API server, as they travel in a VM's metadata."""

from __future__ import annotations

import pytest

from node.contract.api_server import ApiServer, Issuer
from node.contract.fields import FormatError

WHOLE = ApiServer(
    log_level=2,
    enabled_plugins=("AlwaysPullImages",),
    disabled_plugins=("PodSecurity",),
    audit_policy={"rules": [{"level": "Metadata"}]},
    audit_max_age_days=30,
    audit_max_backups=10,
    audit_max_size_mb=50,
    issuers=(Issuer("https://a.example", ("k", "c"), required_claims=(("hd", "example.com"),)),),
)


@pytest.mark.parametrize("asked", [pytest.param(WHOLE, id="all"), pytest.param(ApiServer(), id="nothing")])
def test_what_goes_out_comes_back_the_same(asked: ApiServer) -> None:
    assert ApiServer.parse(asked.to_text()) == asked


def test_who_asks_for_nothing_writes_nothing() -> None:
    assert ApiServer().to_text() == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "api-server: not JSON", id="no JSON"),
        pytest.param('{"verbosity": 2}', "api-server.verbosity is unknown", id="a key of a later release"),
        pytest.param('{"auditPolicy": "x"}', "api-server.auditPolicy is 'x'", id="a policy that is a text"),
        pytest.param(
            '{"oidc": [{"issuerUrl": "a"}]}', r"api-server.oidc\[0\].audiences is missing", id="half"
        ),
    ],
)
def test_what_is_not_understood_is_not_acted_on(text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        ApiServer.parse(text)
