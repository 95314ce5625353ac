"""What a run knows before it registers anything: the last state, the present, and that the config is acceptable."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from components import edits, preflight, restore
from components.config import StackConfig
from components.edits.rollout import each_takes
from components.present import Present, Told, Unseen, announce_now, down, look_now
from components.present.authorities import keep_trusted
from components.present.encryption import keep_readable
from components.present.ledger import announce_ledger
from components.present.versions import keep_startable
from components.preview.announce import announce
from components.standing.facts import Standing
from node.contract.restore import Restore


@dataclass(frozen=True, slots=True)
class Outlook:
    """`now` is None where there is no cluster yet. `told` is None in updates, which print nothing beforehand."""

    standing: Standing
    now: Present | Unseen | None
    told: Told | None
    restore: Restore | None

    @property
    def down(self) -> Collection[str]:
        """Identities of masters whose machines are known not to run."""
        return down(self.now)

    @property
    def returning(self) -> Collection[str]:
        """Identities of masters whose disk the state holds and whose machine it doesn't."""
        return self.standing.disks.keys() - self.standing.identities


def outlook(standing: Standing, config: StackConfig) -> Outlook:
    """Tells the plan and the present in previews. Raises RunError, with the reason and the way that works, where the config
    can't be asked of what stands, or where only the provider could sign in to Google.
    """
    found = edits.admit(standing, config)
    announce(standing, config, edits=found)
    restored = restore.admit(config)
    preflight.admit(standing, config)
    now = look_now(standing.masters, config)
    if now is not None:
        moves = standing.identities != {replica.identity for replica in config.replicas}
        announce_ledger(config, each_takes(found.notes), changes=moves or bool(found.notes))
    keep_readable(now, standing, config)
    keep_trusted(now, standing, config)
    keep_startable(now, config)
    return Outlook(standing, now, announce_now(now, config), restored)
