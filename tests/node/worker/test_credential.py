"""What the kubelet's credential plugin prints."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from node.worker.credential import exec_credential


def token(**claims: Any) -> str:
    parts = ({"alg": "RS256"}, claims, "signature")
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )


def test_a_token_is_exchanged_a_minute_before_its_end() -> None:
    given = token(exp=1_800_000_060, aud="ha-masters/dev")
    assert exec_credential(given) == {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": given, "expirationTimestamp": "2027-01-15T08:00:00Z"},
    }


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("", id="nothing"),
        pytest.param("<html>", id="a page"),
        pytest.param("a.b.c", id="no base64"),
        pytest.param(token(aud="x"), id="without an end"),
        pytest.param(token(exp=None), id="an end that is none"),
    ],
)
def test_what_is_no_token_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="no JWT with an end"):
        exec_credential(given)
