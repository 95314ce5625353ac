"""The one project of a lab, by id or number."""

from __future__ import annotations

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call


def own_project(call: Call, given: str) -> str:
    """Returns the project's id, from its id or its number, without `projects/`. Raises ApiError 403 for another project."""
    name = given.removeprefix("projects/")
    if name in (call.lab.project, call.lab.number):
        return call.lab.project
    raise ApiError(403, "forbidden", f"Permission denied on resource project {name}.")
