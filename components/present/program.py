"""What the program does with the present: tells it in previews, and writes it into the outputs of an update."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.config import StackConfig
from components.present.facts import Placed
from components.present.findings import Told, tell
from components.present.look import look


def announce_now(standing: Sequence[Placed], config: StackConfig) -> Told | None:
    """Tells, in previews only, what is true of the cluster now; nothing where there is none yet."""
    if not standing or not pulumi.runtime.is_dry_run():
        return None
    told = _told(standing, config)
    (pulumi.log.info if told.well else pulumi.log.warn)(told.text)
    return told


def when_done(told: Told | None, config: StackConfig, after: pulumi.CustomResource) -> pulumi.Output[Told]:
    """The present once `after` is done, which is to say at an update's end; in a preview, as it was `told`."""
    done: pulumi.Output[str] = after.id
    return done.apply(lambda _: told or _told(config.replicas, config))


def _told(masters: Sequence[Placed], config: StackConfig) -> Told:
    wanted = {replica.identity for replica in config.replicas}
    token = pulumi.Config("gcp").get("accessToken")
    seen = look(masters, config, token)
    return tell(seen, wanted, config.cluster_name, config.etcd.backup.interval_seconds)
