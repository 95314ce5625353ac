"""An encryption key goes only when the leader has counted that nothing is stored by it."""

from __future__ import annotations

import pytest

from components.present.encryption import dropped, still_needed
from components.present.facts import Present, Unseen
from node.contract.status import Encryption
from tests.components.present.masters import master, three


def counted(*counts: tuple[int, int]) -> Present:
    return three(m1=master("m1-b", encryption=Encryption(counts)))


@pytest.mark.parametrize(
    ("now", "why"),
    [
        pytest.param(counted((2, 40), (1, 0)), "", id="none"),
        pytest.param(counted((2, 40), (1, 3)), "3 Secrets are stored by it", id="some"),
        pytest.param(counted((2, 40), (1, 1)), "1 Secret is stored by it", id="one"),
        pytest.param(counted((2, 40)), "Whether Secrets are stored by it isn't known", id="another was counted"),
        pytest.param(three(), "no leader has counted them yet", id="nobody has counted"),
        pytest.param(Unseen("403"), "the cluster's bucket can't be read: 403", id="unseen"),
        pytest.param(None, "no leader has counted them yet", id="nobody there"),
    ],
)  # fmt: skip
def test_why_a_key_has_to_stay(now: Present | Unseen | None, why: str) -> None:
    said = still_needed(now, 1)
    assert bool(said) == bool(why)
    assert why in said


@pytest.mark.parametrize(
    ("formers", "wanted", "expected"),
    [
        pytest.param([(2, 1)], (2,), (1,), id="dropped"),
        pytest.param([(2, 1)], (1, 2), (), id="the same keys"),
        pytest.param([(1,)], (1, 2), (), id="one more"),
        pytest.param([(2,), (2, 1)], (2,), (), id="on its way already"),
        pytest.param([], (2,), (), id="no masters"),
    ],
)
def test_keys_that_go(
    formers: list[tuple[int, ...]], wanted: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert dropped(formers, wanted) == expected
