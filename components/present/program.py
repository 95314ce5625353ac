"""What the program does with the present: orders the masters' turns by it, tells it in previews, and writes it into the
outputs of an update.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.config import StackConfig
from components.google.running import google
from components.present.facts import Placed, Present, Unseen
from components.present.findings import Told, tell
from components.present.look import look


def look_now(standing: Sequence[Placed], config: StackConfig) -> Present | Unseen | None:
    """Returns the cluster as this run finds it; None where there is none yet. Raises RunError where nobody could sign in to
    look, then too: a first preview says that before anything is created.
    """
    through = google()
    return look(standing, config, through) if standing else None


def down(now: Present | Unseen | None) -> frozenset[str]:
    """Identities of those whose machines are known not to run: they are mended before anyone else is taken down."""
    if not isinstance(now, Present):
        return frozenset()
    return frozenset(master.identity for master in now.masters if master.down)


def announce_now(now: Present | Unseen | None, config: StackConfig) -> Told | None:
    """Prints, in previews only, what is true of the cluster now; nothing where there is no cluster yet."""
    if now is None or not pulumi.runtime.is_dry_run():
        return None
    told = _told(now, config)
    (pulumi.log.info if told.well else pulumi.log.warn)(told.text)
    return told


def when_done(told: Told | None, config: StackConfig, after: pulumi.CustomResource) -> pulumi.Output[Told]:
    """Returns the present once `after` is done, at an update's end; in a preview, what was `told` before."""
    done: pulumi.Output[str] = after.id
    through = google()
    return done.apply(lambda _: told or _told(look(config.replicas, config, through), config))


def _told(now: Present | Unseen, config: StackConfig) -> Told:
    wanted = {replica.identity for replica in config.replicas}
    interval = config.etcd.backup.interval_seconds
    return tell(now, wanted, config.cluster_name, interval, config.kubernetes_version)
