"""Generations of the cluster's authorities: the first of each list issues, all are trusted."""

from __future__ import annotations

from dataclasses import dataclass

from components.config.errors import Refused
from components.config.rotated import MOST, rotated
from components.config.section import Section
from components.config.setting import setting
from node.contract.authorities import (
    CLUSTER,
    ETCD_CLIENTS,
    ETCD_PEERS,
    FIRST,
    FRONT_PROXY,
    SERVICE_ACCOUNTS,
    Authorities,
)


def _generations(value: object) -> tuple[int, ...]:
    numbers = rotated(
        value, "generations", first="Name the generation that issues", one_by_one="Rotate one after another"
    )
    if len(numbers) == MOST and abs(numbers[0] - numbers[1]) != 1:
        raise Refused(
            f"leaves out a generation between {min(numbers)} and {max(numbers)}",
            f"Generations only count on: write {[min(numbers), min(numbers) + 1]}",
        )
    return numbers


def _not_yet(value: object) -> tuple[int, ...]:
    if _generations(value) != FIRST:
        raise Refused(
            "can't be rotated yet: nobody reports who has issued the certificates that workers' kubelets serve with",
            "Remove it; without it there is generation 1",
        )
    return FIRST


@dataclass(frozen=True, slots=True)
class AuthoritiesSpec:
    """The section `authorities`. The first generation of each issues, all are trusted."""

    cluster: tuple[int, ...] = setting(CLUSTER, _generations, FIRST)
    etcd_peers: tuple[int, ...] = setting(ETCD_PEERS, _generations, FIRST)
    etcd_clients: tuple[int, ...] = setting(ETCD_CLIENTS, _generations, FIRST)
    front_proxy: tuple[int, ...] = setting(FRONT_PROXY, _generations, FIRST)
    service_accounts: tuple[int, ...] = setting(SERVICE_ACCOUNTS, _generations, FIRST)
    kubelet_serving: tuple[int, ...] = setting("kubeletServing", _not_yet, FIRST)
    """A key so that a sentence says why."""

    @property
    def made(self) -> Authorities:
        return Authorities.made(
            {
                CLUSTER: self.cluster,
                ETCD_PEERS: self.etcd_peers,
                ETCD_CLIENTS: self.etcd_clients,
                FRONT_PROXY: self.front_proxy,
                SERVICE_ACCOUNTS: self.service_accounts,
            }
        )


def read_authorities(section: Section) -> Authorities:
    found = section.fill(AuthoritiesSpec).made
    rotating = [name for name, numbers in found.generations if len(numbers) > 1]
    for name in rotating[1:]:
        section.refuse(
            name,
            Refused(
                f"is in rotation beside {rotating[0]}",
                f"Rotate one authority at a time: end {rotating[0]} first, with one generation in its list",
            ),
        )
    return found
