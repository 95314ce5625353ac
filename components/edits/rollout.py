"""What all notes together do to the masters: the farthest reach counts, and one follows the other."""

from __future__ import annotations

from collections.abc import Sequence

from components.edits.findings import Note, Reach
from components.standing.facts import Standing
from components.wording import listed

MINUTES = {Reach.TAKEN_OVER: (1, 2), Reach.RESTARTED: (2, 4), Reach.REPLACED: (3, 6)}
"""From the turn of one master to the next one's, as typical for Google's small machines: the call, a boot, a restart of
etcd and of the API server, and the health check. A master that has to fetch images takes longer.
"""

DOES = {
    Reach.TAKEN_OVER: ("takes it over in place", "take it over in place"),
    Reach.RESTARTED: ("is restarted", "are restarted"),
    Reach.REPLACED: ("is replaced on its own data disk", "are replaced on their own data disks"),
}


def each_takes(notes: Sequence[Note]) -> tuple[int, int] | None:
    """Returns the minutes that the farthest reach takes of each master; None where none is touched."""
    return MINUTES.get(max((each.reach for each in notes if each.masters), default=Reach.OUTSIDE))


def rollout(notes: Sequence[Note], standing: Standing) -> tuple[str, ...]:
    """Returns one line a reach, and what it means where nobody stands in for the master that is away."""
    farthest: dict[str, Reach] = {}
    for each in notes:
        for identity in each.masters:
            farthest[identity] = max(each.reach, farthest.get(identity, Reach.OUTSIDE))
    lines = []
    for reach in (Reach.TAKEN_OVER, Reach.RESTARTED, Reach.REPLACED):
        who = sorted(identity for identity, most in farthest.items() if most is reach)
        if who:
            lines.append(_line(reach, who))
    most = max(farthest.values(), default=Reach.OUTSIDE)
    voters = len(standing.masters)
    if voters == 1 and most >= Reach.RESTARTED:
        lines.append("Nobody stands in for it: the API is gone meanwhile.")
    elif voters == 1 and most is Reach.TAKEN_OVER:
        lines.append("Nobody stands in for it: the API is gone while it restarts, for up to a minute.")
    elif voters == 2 and most >= Reach.RESTARTED:
        lines.append(
            "Of 2 voters both are needed: without a third replica, which may be added in the same update, the update "
            "stops at the first one's turn."
        )
    return tuple(lines)


def _line(reach: Reach, who: list[str]) -> str:
    low, high = MINUTES[reach]
    does = DOES[reach][len(who) > 1]
    if len(who) == 1:
        return f"{who[0]} {does}: {low} to {high} min."
    each = f"{low} to {high} min each, {low * len(who)} to {high * len(who)} in all"
    return f"{listed(who)} {does}, one after another: {each}."
