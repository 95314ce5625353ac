"""The one project of a lab, by id or number."""

from __future__ import annotations

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call


def own_project(call: Call, given: str) -> str:
    """The project's id, from its id or its number; `projects/` is taken off. 403 for any other project."""
    name = given.removeprefix("projects/")
    if name in (call.lab.project, call.lab.number):
        return call.lab.project
    raise ApiError(403, "forbidden", f"Permission denied on resource project {name}.")
