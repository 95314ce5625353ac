"""How long things take on a modelled machine, in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from lab.simulator.latency import Latency
from node.planner.observed import Patience

HEARTBEAT_SECONDS = 10.0
"""Between two writes of a status in which nothing has changed, as the architecture settles it."""


@dataclass(frozen=True)
class Durations:
    """Seconds. `boot`: from RUNNING to the agent's first look. `sync`: until a learner has caught up. `election`: until a
    lost leader is replaced. `apiserver`: from a voter to a ready API. `drain`: until connections have ended. `look`: between
    two looks of a waiting agent. `retry`: from a failure to the next try.
    """

    boot: float
    sync: float
    election: float
    apiserver: float
    drain: float
    look: float
    retry: float
    patience: Patience

    def ordered(self, seconds: Mapping[str, Any]) -> Durations:
        """These, but for what a test orders: seconds by the names of the fields above. Raises ValueError, for people."""
        known = [name for name in asdict(self) if name != "patience"]
        if unknown := sorted(set(seconds) - set(known)):
            raise ValueError(f"a pace has no {', '.join(unknown)}; use some of {', '.join(known)}")
        for name, value in seconds.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise ValueError(f"{name} is {value!r}; give seconds, none below zero")
        return replace(self, **cast(Any, {name: float(value) for name, value in seconds.items()}))

    @classmethod
    def of(cls, latency: Latency) -> Durations:
        """Realistic figures are guesses in the range of what kubeadm takes on small machines; `scale` shortens them."""
        if latency.profile == "instant":
            return _INSTANT
        s = latency.scale
        patience = Patience(blip=10 * s, learner=120 * s, failed=300 * s, silent=120 * s)
        return cls(30 * s, 5 * s, 1.5 * s, 10 * s, 5 * s, 1 * s, 5 * s, patience)


_INSTANT = Durations(
    0.2, 0.03, 0.0, 0.02, 0.03, 0.1, 0.3, Patience(blip=0.5, learner=4.0, failed=8.0, silent=30.0)
)
