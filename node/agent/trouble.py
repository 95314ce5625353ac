"""For how long each member has failed, as this observer saw it. It forgets when the agent starts anew, as it should."""

from __future__ import annotations

from collections.abc import Collection


class Trouble:
    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def note(self, now: float, members: Collection[str], healthy: Collection[str]) -> dict[str, float]:
        """Seconds of trouble by member id; zero for those who are well. `now` is a monotonic time."""
        self._since = {each: self._since.get(each, now) for each in members if each not in healthy}
        return {each: now - self._since.get(each, now) for each in members}
