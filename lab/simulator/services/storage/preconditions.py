"""`if…Match` parameters against what is there (Cloud Storage's 'Request preconditions'). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.simulator.errors import ApiError, condition_not_met

_TEXT = "At least one of the pre-conditions you specified did not hold."


def failed() -> ApiError:
    return condition_not_met(_TEXT)


def check(params: Mapping[str, Any], current: Mapping[str, Any] | None, source: str = "") -> None:
    """Raises ApiError 412 unless all hold. `source` is 'Source' for the far side of a copy. No object has generation 0."""
    if unmet(params, current, source):
        raise failed()


def not_modified(params: Mapping[str, Any], current: Mapping[str, Any]) -> bool:
    """Returns whether a read is answered by 304: a NotMatch that fails is 304, a Match that fails is 412."""
    positive = {k: v for k, v in params.items() if not k.endswith("NotMatch")}
    check(positive, current)
    return unmet(params, current)


def unmet(params: Mapping[str, Any], current: Mapping[str, Any] | None, source: str = "") -> bool:
    for field in ("generation", "metageneration"):
        actual = int(current[field]) if current else 0
        prefix = f"if{source}{field.capitalize()}"
        if f"{prefix}Match" in params and int(params[f"{prefix}Match"]) != actual:
            return True
        if f"{prefix}NotMatch" in params and int(params[f"{prefix}NotMatch"]) == actual:
            return True
    return False
