"""What the program does with the present: tells it in previews, and writes it into the outputs of an update."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pulumi

from components.config import StackConfig
from components.present.findings import Told, tell
from components.present.look import look
from components.standing import KnownMaster


def announce_now(standing: Sequence[KnownMaster], config: StackConfig) -> Told | None:
    """Tells, in previews only, what is true of the cluster now; nothing where there is none yet."""
    if not standing or not pulumi.runtime.is_dry_run():
        return None
    told = _told(standing, config)
    (pulumi.log.info if told.well else pulumi.log.warn)(told.text)
    return told


def when_done(told: Told | None, config: StackConfig, after: pulumi.CustomResource) -> pulumi.Output[Told]:
    """The present once `after` is done, which is to say at an update's end; in a preview, as it was `told`."""
    replicas = [KnownMaster(replica.identity, replica.zone) for replica in config.replicas]
    done: pulumi.Output[str] = after.id
    return done.apply(lambda _: told or _told(replicas, config))


def _told(masters: Iterable[KnownMaster], config: StackConfig) -> Told:
    wanted = {replica.identity for replica in config.replicas}
    token = pulumi.Config("gcp").get("accessToken")
    return tell(look(masters, config, token), wanted, config.cluster_name)
