"""What an update is expected to take, beside what the gates measured the last time that they waited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import pulumi
import requests

from components.config import StackConfig
from components.gates.measured import MEASURED, gate_of
from components.google.bucket import Bucket
from components.google.moments import moment
from components.google.running import google
from components.google.side_by_side import side_by_side
from components.resource_names import Names
from components.wording import duration, listed

DEADLINE_SECONDS = 3.0
TOGETHER_SECONDS = 2 * 3600.0
"""Waits that ended within so long are of one update, for workflows end theirs after an hour."""

ENDED = {"joined": "all had joined", "api": "the API answered", "left": "all others had left"}


@dataclass(frozen=True, slots=True)
class Wait:
    """`age_seconds` since it ended, by the storage server's clock."""

    kind: str
    replica: str
    seconds: float
    age_seconds: float


def announce_ledger(config: StackConfig, expected: tuple[int, int] | None, *, changes: bool) -> None:
    """Prints it, in previews that change something, where the bucket has anything. `expected`: minutes for each master."""
    if not changes or not pulumi.runtime.is_dry_run():
        return
    bucket = Bucket(google(), Names(config.cluster_name, config.project).bucket)
    if text := told(_read(bucket), expected, config.cluster_name):
        pulumi.log.info(text)


def told(waits: Sequence[Wait], expected: tuple[int, int] | None, cluster: str) -> str:
    """Returns a line or two on the last update that waited; empty where none is known."""
    if not waits:
        return ""
    youngest = min(each.age_seconds for each in waits)
    last = [each for each in waits if each.age_seconds - youngest < TOGETHER_SECONDS]
    masters = sorted((each for each in last if each.kind == "ready"), key=lambda each: each.replica)
    parts = [
        f"{each.replica} {'after' if number else 'was ready after'} {duration(each.seconds)}"
        for number, each in enumerate(masters)
    ]
    for kind, words in ENDED.items():
        parts += [f"{words} after {duration(each.seconds)}" for each in last if each.kind == kind]
    if not parts:
        return ""
    lines = [f"{cluster}, when gates last waited ({duration(youngest)} ago): {listed(parts)}."]
    if expected and masters:
        lines.append(f"  {_compared(max(each.seconds for each in masters), expected)}")
    return "\n".join(lines)


def _compared(longest: float, expected: tuple[int, int]) -> str:
    low, high = expected
    verdict = "longer than" if longest > high * 60 else "not longer than"
    return f"That is {verdict} the {low} to {high} min that are expected of each master now."


def _read(bucket: Bucket) -> list[Wait]:
    """Returns nothing of what can't be read: a preview does without."""
    try:
        items, now = bucket.listed(MEASURED)
    except (requests.RequestException, OSError):
        return []
    ended = {str(item["name"]): moment(item["updated"]) for item in items}
    found = side_by_side({path: partial(bucket.document, path) for path in ended}, DEADLINE_SECONDS)
    return [wait for path, ago in ended.items() if (wait := _wait(path, found[path], now, ago))]


def _wait(path: str, document: object, now: datetime, ended: datetime) -> Wait | None:
    seconds = document.get("seconds") if isinstance(document, Mapping) else None
    if not isinstance(seconds, int | float):
        return None
    return Wait(*gate_of(path), float(seconds), max(0.0, (now - ended).total_seconds()))
