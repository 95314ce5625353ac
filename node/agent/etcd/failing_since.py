"""Counts for how long each member has failed, as this observer saw it. A restarted agent begins at zero, as it should."""

from __future__ import annotations

from collections.abc import Collection, Mapping


class FailingSince:
    """Since when each member fails, by this agent's own looks."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, bool], float] = {}

    def note(self, now: float, members: Mapping[str, bool], healthy: Collection[str]) -> dict[str, float]:
        """Returns seconds of failing by member id; zero for those who are well. `now` is a monotonic time.

        `members` tells of each whether it has started: its start sets its clock to zero, so that a machine that said
        "blank" while its member was still to start is not taken for one that lost its disk.
        """
        failing = [(each, started) for each, started in members.items() if each not in healthy]
        self._since = {key: self._since.get(key, now) for key in failing}
        return {each: now - self._since.get((each, started), now) for each, started in members.items()}
