"""How long a gate waited, kept for the next preview."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from components.gates.measured import gate_of, name, record


class FakeBucket:
    def __init__(self, error: Exception | None = None) -> None:
        self.written: dict[str, Any] = {}
        self.error = error

    def write(self, path: str, document: dict[str, Any]) -> bool:
        if self.error:
            raise self.error
        self.written[path] = document
        return True


@pytest.mark.parametrize(
    ("kind", "props", "path"),
    [
        pytest.param("ready", {"replica": "m1-b"}, "measured/ready/m1-b.json", id="a replica's"),
        pytest.param("joined", {}, "measured/joined.json", id="the cluster's"),
    ],
)
def test_a_wait_is_kept_by_its_gate(kind: str, props: dict[str, str], path: str) -> None:
    bucket = FakeBucket()
    record(bucket, kind, props, 48.24)  # type: ignore[arg-type]
    assert bucket.written == {path: {"seconds": 48.2}}
    assert name(kind, props) == path
    assert gate_of(path) == (kind, props.get("replica", ""))


def test_other_gates_are_not_measured() -> None:
    bucket = FakeBucket()
    record(bucket, "turn", {"replica": "m1-b"}, 3)  # type: ignore[arg-type]
    assert bucket.written == {}


def test_an_update_goes_on_where_it_cannot_be_kept() -> None:
    record(FakeBucket(requests.ConnectionError("gone")), "ready", {"replica": "m1-b"}, 3)  # type: ignore[arg-type]
