"""Another generation of an authority, in stages that each leave everybody able to check what any of them has issued.

The same order as in https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/. What the state can't say, as
whether a process has taken a stage over and what is still held of a generation, is asked of the masters:
`components.present.authorities`.
"""

from __future__ import annotations

from components.config import StackConfig
from components.edits.authority_costs import cost
from components.edits.findings import NOTHING, Findings, Reach, note, refuse
from components.edits.staying import staying
from components.standing.facts import Standing
from components.standing.stages import Numbers, changed, follows, on_the_way, text
from node.contract.authorities import CLUSTER


def authorities(standing: Standing, config: StackConfig) -> Findings:
    """One authority changes at a time: of two, nobody could tell by which of them something broke."""
    found, first = NOTHING, ""
    for name, former, wanted in changed(standing, config):
        if first:
            why = f"authorities.{first} changes with the same update"
            way = f"Leave it at {text(former[0])} until that is through: one authority at a time"
            found += refuse(_key(name), _values(former), list(wanted), why, way)
        else:
            found += _judged(standing, config, name, former, wanted)
        first = first or name
    return found


def _judged(
    standing: Standing, config: StackConfig, name: str, formers: tuple[Numbers, ...], wanted: Numbers
) -> Findings:
    key, was = _key(name), _values(formers)
    who = staying(standing, config)
    if len(formers) > 1:
        if wanted in formers:
            says = "An update was cut off between the two: it goes on, or is taken back"
            return note(key, was, list(wanted), says, reach=Reach.TAKEN_OVER, masters=who)
        way = f"Set it to {' or to '.join(map(text, formers))} first, and go on from there"
        return refuse(key, was, list(wanted), "An update was cut off between the two", way)
    (former,) = formers
    if len(former) == 1 and (unknown := [each for each in wanted if each not in (former[0], former[0] + 1)]):
        why = f"Nobody knows generation {unknown[0]}: the one after {former[0]} is {former[0] + 1}"
        return refuse(key, was, list(wanted), why, f"Set it to {text((former[0], former[0] + 1))} first")
    if not follows(former, wanted):
        why = "Somebody would meet what an authority has issued that he doesn't trust"
        return refuse(key, was, list(wanted), why, f"Set it to {text(on_the_way(former, wanted))} first")
    if len(former) > 1 and (why := _not_through(standing, name, former, wanted)):
        return refuse(key, was, list(wanted), why, f"Keep {text(former)} for one more `pulumi up`")
    says = cost(name, former, wanted, pools=bool(standing.pools))
    return note(key, was, list(wanted), says, reach=Reach.TAKEN_OVER, masters=who)


def _not_through(standing: Standing, name: str, former: Numbers, wanted: Numbers) -> str:
    """Why the stage of `former` isn't through by the state, as a sentence without its full stop."""
    if not all(master.settled for master in standing.masters):
        return (
            "The last update did not come through on every master, so it isn't known what each of them trusts"
        )
    if name == CLUSTER and len(wanted) > 1:
        behind = [
            pool.name for pool in standing.pools if pool.authorities != len(former) or not pool.exchanged
        ]
        if behind:
            return (
                f"Workers of {', '.join(behind)} may trust one generation alone: the last update did not wait for all of "
                "them to be exchanged"
            )
    return ""


def _key(name: str) -> str:
    return f"authorities.{name}"


def _values(formers: tuple[Numbers, ...]) -> object:
    """As a user wrote it; several stand beside each other."""
    return list(formers[0]) if len(formers) == 1 else tuple(list(each) for each in formers)
