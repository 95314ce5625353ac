"""An encryption key goes only when nothing is stored by it any more, by the leader's count."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.config import StackConfig
from components.present.facts import Present, Unseen
from components.standing.facts import Standing
from components.wording import count


def keep_readable(now: Present | Unseen | None, standing: Standing, config: StackConfig) -> None:
    """Raises RunError where Secrets are, or may be, stored by a key that the config has no more."""
    for key in dropped(standing.encryption_keys, config.api.server.encryption_keys):
        if why := still_needed(now, key):
            raise pulumi.RunError(
                f"ha-masters:api.encryptionKeys: key {key} can't go yet. {why}. Keep it in the list and try again later; "
                "`python -m admin status` shows the count. Nothing was changed."
            )


def dropped(formers: Sequence[tuple[int, ...]], wanted: tuple[int, ...]) -> tuple[int, ...]:
    """Returns keys that every master has and none shall keep. Where masters have different lists, an update is on its way
    to one of these, and `components.edits.encryption` lets it go nowhere else.
    """
    return tuple(sorted(set(formers[0]) - set(wanted))) if len(formers) == 1 else ()


def still_needed(now: Present | Unseen | None, key: int) -> str:
    """Returns why, as a sentence without its full stop; empty if nothing is stored by it."""
    if isinstance(now, Unseen):
        return (
            f"Whether Secrets are stored by it isn't known: the cluster's bucket can't be read: {now.reason}"
        )
    leader = now.leader if now else None
    stored = leader.encryption.of(key) if leader and leader.encryption else None
    if stored is None:
        return "Whether Secrets are stored by it isn't known: no leader has counted them yet"
    return f"{count(stored, 'Secret')} {'is' if stored == 1 else 'are'} stored by it" if stored else ""
