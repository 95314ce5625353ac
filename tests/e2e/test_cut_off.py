"""An update that is cut off and taken back, on live machines: etcd goes on, and nothing that was acknowledged is lost.

The first is in `make test`, for it was the worst of all faults; `make live` has the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.history import come_to_an_end, cut_off, history, settled, standing, voters
from tests.e2e.lab import on_machines
from tests.e2e.site import ONE, THREE, Site, site, vm

pytestmark = on_machines(timeout=2400)

TWO = ["m1/b", "m2/c"]
JOINED_WAITS = "EtcdMembership etcd-joined updating"
LEFT_WAITS = "EtcdMembership etcd-left updating"

Moment = Callable[[Site], bool]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("cut-off")) as made:
        yield made


def _voters(replicas: list[str]) -> Moment:
    return lambda life: life.members() == voters(replicas)


def _one_has_left(life: Site) -> bool:
    return 0 < len(life.members()) < len(THREE)


def _a_machine_goes(life: Site) -> bool:
    return len(life.cloud.facts()["instances"]) < len(THREE)


@pytest.mark.parametrize(
    ("before", "after", "sign", "moment"),
    [
        pytest.param(ONE, TWO, JOINED_WAITS, _voters(TWO), id="1-2-1, newcomer promoted"),
        pytest.param(
            ONE, THREE, JOINED_WAITS, _voters(THREE), id="1-3-1, both promoted", marks=pytest.mark.live
        ),
        pytest.param(THREE, ONE, LEFT_WAITS, _one_has_left, id="3-1-3, one has left", marks=pytest.mark.live),
        pytest.param(
            THREE, ONE, LEFT_WAITS, _a_machine_goes, id="3-1-3, deletes run", marks=pytest.mark.live
        ),
    ],
)
def test_an_update_that_is_cut_off_and_taken_back(
    life: Site,
    request: pytest.FixtureRequest,
    before: list[str],
    after: list[str],
    sign: str,
    moment: Moment,
) -> None:
    standing(life, before)
    with history(life, request.node.callspec.id):
        cut_off(life, after, sign, lambda: moment(life))
        come_to_an_end(life, before)
        settled(life, before)
    assert life.members() == voters(before)
    assert set(life.machines()) == {vm(replica) for replica in before}
