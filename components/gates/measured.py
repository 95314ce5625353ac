"""How long gates waited when they last did: an object each in the cluster's bucket, so that the next preview can tell.

    measured/ready/m1-b.json    {"seconds": 48.2}

Nothing depends on it. What can't be written is not there, and an update goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import requests

from components.google.bucket import Bucket

MEASURED: Final = "measured/"
KINDS: Final = ("api", "joined", "left", "ready")
"""Whose waits are what people wait for: machines, members, and the API at its address."""


def name(kind: str, props: Mapping[str, Any]) -> str:
    return f"{MEASURED}{kind}/{props['replica']}.json" if "replica" in props else f"{MEASURED}{kind}.json"


def record(bucket: Bucket, kind: str, props: Mapping[str, Any], seconds: float) -> None:
    if kind in KINDS:
        with suppress(requests.RequestException):
            bucket.write(name(kind, props), {"seconds": round(seconds, 1)})


def gate_of(path: str) -> tuple[str, str]:
    """Returns `ready` and `m1-b` of `measured/ready/m1-b.json`; of a gate that is no replica's, its kind and nothing."""
    kind, _, replica = path.removeprefix(MEASURED).removesuffix(".json").partition("/")
    return kind, replica
