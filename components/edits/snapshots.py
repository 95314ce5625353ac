"""Other steps in which snapshots of etcd stay: who deletes them changes with the first and the last of them."""

from __future__ import annotations

from dataclasses import asdict

from components.config import StackConfig
from components.edits.findings import NOTHING, Findings, Reach, note
from components.standing.facts import Standing

KEY = "etcd.backup.keep"


def keep(standing: Standing, config: StackConfig) -> Findings:
    """Says what each step that changes costs. The masters take it over, and tidy up after the next snapshot by the clock."""
    wanted = asdict(config.etcd.backup.keep)
    told = [each.settings.get("snapshotKeep") or {} for each in standing.masters if each.settings]
    if not told:
        return NOTHING
    who = tuple(sorted(standing.identities & {replica.identity for replica in config.replicas}))
    found = NOTHING
    for step, value in wanted.items():
        formers = tuple(sorted({int(each.get(step, 0)) for each in told}))
        if formers == (value,):
            continue
        former = formers[0] if len(formers) == 1 else formers
        says = _cost(any(told), config, value < max(formers), step)
        found += note(f"{KEY}.{step}", former, value, says, reach=Reach.TAKEN_OVER, masters=who)
    return found


def _cost(kept: bool, config: StackConfig, fewer: bool, step: str) -> str:
    if not config.etcd.backup.keep:
        return "Snapshots of etcd go by age alone from then on, the older ones within a day"
    if not kept:
        return "Snapshots of etcd stay in steps, and no longer by age: the rest is deleted after the next one"
    return f"Snapshots that were kept {step} beyond that are deleted after the next one" if fewer else ""
