"""Thirteen months without an update: every leaf has expired, and quorum with them. One `pulumi up` ends it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.expiry import thirteen_months_pass
from tests.e2e.history import voters
from tests.e2e.lab import on_machines
from tests.e2e.site import THREE, Site, site, vm
from tests.waiting import until

pytestmark = [*on_machines(timeout=1800), pytest.mark.live]


@pytest.fixture
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("months")) as made:
        yield made
        for line in made.seen:
            print(line)


def test_one_update_ends_thirteen_months_without_any(life: Site) -> None:
    life.up(THREE)
    life.ready(THREE)
    life.kubectl("create", "configmap", "witness", "--from-literal=since=the beginning")
    thirteen_months_pass(life, THREE)
    for replica in THREE:
        life.power(vm(replica), "start")

    def expired() -> bool:
        reasons = [status["reason"] for status in life.statuses().values()]
        return all("expired at" in reason for reason in reasons)

    until("each master says that its certificates have expired", expired, 180, life.statuses)
    assert life.nodes() == {}, "an API whose certificate has expired is no API"
    plan = life.stack.preview(THREE).output
    assert "expired" in plan
    seconds = life.up(THREE)
    life.ready(THREE)
    life.tell(f"thirteen months without an update, ended by one of {seconds:.0f} s")
    assert life.get("configmap", "witness")["data"] == {"since": "the beginning"}
    assert life.members() == voters(THREE)
    life.stack.settled()
