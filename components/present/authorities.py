"""A stage of a rotation follows another only once every master says that it lives by that one.

Masters report which generations their processes trust, and who has issued what they hold: what the state knows is only
what they were told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pulumi

from components.config import StackConfig
from components.google.moments import moment
from components.present.facts import Present, Unseen
from components.standing.facts import Standing
from components.standing.stages import Numbers, changed, text
from components.wording import duration
from node.contract.authorities import SERVICE_ACCOUNTS
from node.contract.status import AuthorityView

TOKEN_AGE = timedelta(hours=25)
"""After that no pod that reads its token again has one of the former key. A kubelet asks for another once 80 % of the time
that it asked for are over, and after 24 hours at the latest (kubernetes/pkg/kubelet/token/token_manager.go, `maxTTL`); an
hour is for those that can't be had at once. The JWT itself may live for a year.
"""


def keep_trusted(now: Present | Unseen | None, standing: Standing, config: StackConfig) -> None:
    """RunError where a stage of a rotation isn't through on every master, and another is asked for."""
    for name, formers, wanted in changed(standing, config):
        if len(formers) == 1 and (why := not_yet(now, name, formers[0], wanted)):
            raise pulumi.RunError(
                f"ha-masters:authorities.{name}: {text(formers[0])} can't become {text(wanted)} yet. {why}. Keep "
                f"{text(formers[0])} and try again later. Nothing was changed."
            )


def not_yet(now: Present | Unseen | None, name: str, former: Numbers, wanted: Numbers) -> str:
    """Why, as a sentence without its full stop. Of who trusts one more generation nothing is asked."""
    if len(former) == 1:
        return ""
    if now is None or isinstance(now, Unseen):
        reason = f": {now.reason}" if now else ""
        return f"What masters trust isn't known: the cluster's bucket can't be read{reason}"
    going = set(former) - set(wanted)
    for master in now.masters:
        status = master.status
        if status is None:
            return f"{master.identity} doesn't report, so it isn't known what it trusts and what it holds"
        view = status.authorities.of(name) if status.authorities else None
        if view is None or not view.issued:
            return f"{master.identity} doesn't report yet that all of its processes run with {text(former)}"
        if why := _of(view, now.at, former, going):
            return f"{master.identity} {why}"
    return ""


def _of(view: AuthorityView, at: datetime, former: Numbers, going: set[int]) -> str:
    """What is said of one master, behind its name."""
    if missing := sorted(set(former) - set(view.trusted)):
        return f"doesn't trust generation {missing[0]} yet"
    if not going:
        return ""
    if view.name != SERVICE_ACCOUNTS:
        if held := sorted(set(view.issued) - (set(former) - going)):
            return f"holds certificates that generation {held[0] or '(unknown)'} has issued"
        return ""
    if going & set(view.issued):
        return f"signs tokens by key {view.issued[0]}"
    if not view.since:
        return "doesn't say since when it signs tokens by another key"
    left = moment(view.since) + TOKEN_AGE - at
    if left > timedelta():
        return (
            f"signs tokens by key {view.issued[0]} since {view.since}, and pods may have older ones for another "
            f"{duration(left.total_seconds())}"
        )
    return ""
