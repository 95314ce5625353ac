"""Clauses that several reasons share."""

from __future__ import annotations

from collections.abc import Sequence

from node.contract.status import ReplicaStatus

RESTORE = "docs/guides/restore.md"
"""The way out where a majority of the disks is gone."""


def are(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"


def because(status: ReplicaStatus | None) -> str:
    return f": {status.reason}" if status and status.reason else ""
