"""Generations as metadata have them, and by which name each is known."""

from __future__ import annotations

import pytest

from node.contract.authorities import (
    CLUSTER,
    ETCD_PEERS,
    SERVICE_ACCOUNTS,
    SUBJECTS,
    Authorities,
    common_name,
    generation,
)
from node.contract.fields import FormatError


@pytest.mark.parametrize(
    ("generations", "text"),
    [
        pytest.param({}, "", id="none"),
        pytest.param({CLUSTER: (1,)}, "", id="the first"),
        pytest.param({SERVICE_ACCOUNTS: (2,), CLUSTER: (2, 1)}, '{"cluster":[2,1],"serviceAccounts":[2]}', id="two"),
    ],
)  # fmt: skip
def test_what_is_as_by_default_is_left_out(generations: dict[str, tuple[int, ...]], text: str) -> None:
    made = Authorities.made(generations)
    assert (made.to_text(), Authorities.parse(text)) == (text, made)


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"other": [1]}', '{"cluster": []}', '{"cluster": [1, 1]}', '{"cluster": ["2"]}']
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        Authorities.parse(text)


@pytest.mark.parametrize("cluster", ["dev", "dev-etcd-peer", "ca"])
@pytest.mark.parametrize("number", [1, 2, 13])
def test_a_generation_is_known_by_its_name(cluster: str, number: int) -> None:
    for name in SUBJECTS:
        assert generation(cluster, name, common_name(cluster, name, number)) == number


@pytest.mark.parametrize("name", ["dev-ca-0", "dev-ca-2x", "dev-etcd-peer-ca", "other-ca", ""])
def test_another_name_is_no_generation(name: str) -> None:
    assert generation("dev", CLUSTER, name) is None


def test_some_of_them() -> None:
    made = Authorities.made({CLUSTER: (1, 2), ETCD_PEERS: (2,)})
    assert made.only(ETCD_PEERS).to_text() == '{"etcdPeers":[2]}'
