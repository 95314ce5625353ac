"""The faults that calls are given, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.crash.calls import Call


@dataclass(frozen=True)
class Kind:
    """`action` in the simulator's words. `only`: the methods it can befall; empty: all.

    `takes_effect`: the call did what it was to do, and whoever called never learned of it.
    """

    name: str
    action: Mapping[str, Any]
    only: tuple[str, ...] = field(default=())
    takes_effect: bool = False

    def befalls(self, call: Call) -> bool:
        return not self.only or call.method in self.only


def _http(code: int, reason: str, message: str) -> dict[str, Any]:
    return {"type": "http_error", "code": code, "reason": reason, "message": message}


KILLED = Kind("killed", {"type": "kill_pid", "when": "after"}, takes_effect=True)
KINDS = {
    kind.name: kind
    for kind in (
        Kind("unavailable", _http(503, "backendError", "The service is currently unavailable.")),
        Kind("internal", _http(500, "internalError", "Internal error encountered.")),
        Kind("quota", _http(403, "quotaExceeded", "Quota exceeded. Limit: 0.0 in region europe-west1.")),
        Kind("conflict", _http(409, "resourceInUseByAnotherResource", "The resource is being used already.")),
        Kind(
            "precondition", _http(412, "conditionNotMet", "At least one of the pre-conditions did not hold.")
        ),
        Kind(
            "stock-out",
            {
                "type": "op_error",
                "code": "ZONE_RESOURCE_POOL_EXHAUSTED",
                "message": "The zone does not have enough resources available to fulfill the request.",
            },
            only=("compute.instances.insert",),
        ),
        Kind("lost-reply", {"type": "timeout_after_effect", "how": "drop"}, takes_effect=True),
        KILLED,
    )
}
