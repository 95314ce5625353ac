"""A stage of a rotation follows once every master reports that it lives by the one before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from components.present.authorities import not_yet
from components.present.facts import Master, Present, Unseen
from node.contract.status import AuthoritiesView, AuthorityView
from tests.components.present.masters import NOW, master, three

NAMES = ((1, "m1-b"), (2, "m2-c"), (3, "m3-d"))


def lives(
    name: str,
    trusted: tuple[int, ...],
    issued: tuple[int, ...],
    authority: str = "etcdPeers",
    since: str = "",
) -> Master:
    view = AuthoritiesView((AuthorityView(authority, trusted, issued, since),))
    return master(name, authorities=view)


def all_live(
    trusted: tuple[int, ...],
    issued: tuple[int, ...],
    authority: str = "etcdPeers",
    since: str = "",
    **m2: Master,
) -> Present:
    own = {f"m{n}": lives(name, trusted, issued, authority, since) for n, name in NAMES}
    return three(**{**own, **m2})


def signing(by: int, hours: float) -> Present:
    since = f"{NOW - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
    return all_live((1, 2), (by,), "serviceAccounts", since)


BEHIND = master("m2-c")
SILENT = master("m2-c", age=120)
HALF = lives("m2-c", (1,), (1,))
UNREAD = lives("m2-c", (1, 2), ())
STRANGE = lives("m2-c", (1, 2), (0, 2))
TRUST, ISSUE, GO, BACK = ((1,), (1, 2)), ((1, 2), (2, 1)), ((2, 1), (2,)), ((1, 2), (1,))


@pytest.mark.parametrize(
    ("now", "stage", "why"),
    [
        pytest.param(Unseen("403"), TRUST, "", id="to trust one more takes nothing"),
        pytest.param(all_live((1, 2), (1,)), ISSUE, "", id="all trust both"),
        pytest.param(all_live((1, 2), (1,), m2=HALF), ISSUE, "m2-c doesn't trust generation 2 yet", id="one doesn't"),
        pytest.param(all_live((1, 2), (1,), m2=SILENT), ISSUE, "m2-c doesn't report, so", id="one is silent"),
        pytest.param(all_live((1, 2), (1,), m2=BEHIND), ISSUE, "m2-c doesn't report yet that all", id="one runs with less"),
        pytest.param(all_live((1, 2), (1,), m2=UNREAD), ISSUE, "m2-c doesn't report yet", id="one says nothing readable"),
        pytest.param(Unseen("403"), ISSUE, "bucket can't be read: 403", id="unseen"),
        pytest.param(None, ISSUE, "bucket can't be read", id="nobody looked"),
        pytest.param(all_live((1, 2), (2,)), GO, "", id="nothing of the old one is held"),
        pytest.param(all_live((1, 2), (1, 2)), GO, "m1-b holds certificates that generation 1", id="something is"),
        pytest.param(all_live((1, 2), (2,), m2=STRANGE), GO, "m2-c holds certificates", id="of a stranger"),
        pytest.param(all_live((1, 2), (1,)), BACK, "", id="back before it issued"),
        pytest.param(all_live((1, 2), (2,)), BACK, "m1-b holds certificates that generation 2", id="back too early"),
    ],
)  # fmt: skip
def test_certificates(
    now: Present | Unseen | None, stage: tuple[tuple[int, ...], tuple[int, ...]], why: str
) -> None:
    found = not_yet(now, "etcdPeers", *stage)
    assert bool(found) == bool(why)
    assert why in found


@pytest.mark.parametrize(
    ("now", "stage", "why"),
    [
        pytest.param(signing(1, 0.1), ISSUE, "", id="all check by both"),
        pytest.param(signing(2, 26), GO, "", id="a day later"),
        pytest.param(signing(2, 20), GO, "pods may have older ones for another 5 h", id="too early"),
        pytest.param(signing(1, 26), GO, "m1-b signs tokens by key 1", id="the old key signs"),
        pytest.param(all_live((1, 2), (2,), "serviceAccounts"), GO, "doesn't say since when", id="nobody knows since when"),
        pytest.param(signing(1, 26), BACK, "", id="back, a day later"),
    ],
)  # fmt: skip
def test_tokens(now: Present, stage: tuple[tuple[int, ...], tuple[int, ...]], why: str) -> None:
    found = not_yet(now, "serviceAccounts", *stage)
    assert bool(found) == bool(why)
    assert why in found
