"""Versions of secrets that an update added and never recorded: the next one adds its own, and nobody ever reads these.

A version has no name that could be found again, so whoever lost the reply adds another one. That happens inside an update
too, without any error: the provider itself calls again when a connection breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

SECRET = "gcp:secretmanager/secret:Secret"  # noqa: S105
VERSION = "gcp:secretmanager/secretVersion:SecretVersion"

Versions = Callable[[str], Collection[str]]
"""The full names of a secret's versions that aren't destroyed, by the secret's full name."""


def unrecorded(
    state: Mapping[str, Any], adopted: Collection[str], versions: Versions, in_use: Collection[str]
) -> tuple[str, ...]:
    """Returns versions of the stack's own secrets, recorded or `adopted`. `in_use` are the versions that machines are
    told to read.
    """
    recorded = state["deployment"].get("resources") or []
    secrets = {each["id"] for each in recorded if each["type"] == SECRET and each.get("id")} | set(adopted)
    # A version on its way out is recorded too, and whoever replaced it destroys it.
    kept = {_short(each["id"]) for each in recorded if each["type"] == VERSION and each.get("id")}
    kept |= {_short(name) for name in in_use}
    return tuple(
        name for secret in sorted(secrets) for name in sorted(versions(secret)) if _short(name) not in kept
    )


def _short(name: str) -> str:
    """Returns the name without the project, which Google writes as a number where others write its id."""
    return name.split("/", 2)[-1]
