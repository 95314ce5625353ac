"""`authorities` of a VM's metadata: which generations of the cluster's authorities there are, while any isn't its first.

    {"cluster": [1, 2], "serviceAccounts": [2]}

Of each, the first issues (of `serviceAccounts`, a key pair and no authority: signs tokens) and all are trusted. What isn't
named is `[1]`, and where nothing is, the VM has no such attribute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from node.contract.fields import FormatError, attribute, canonical

FIRST: Final[tuple[int, ...]] = (1,)

CLUSTER: Final = "cluster"
ETCD_PEERS: Final = "etcdPeers"
ETCD_CLIENTS: Final = "etcdClients"
FRONT_PROXY: Final = "frontProxy"
SERVICE_ACCOUNTS: Final = "serviceAccounts"

AUTHORITIES: Final = (CLUSTER, ETCD_PEERS, ETCD_CLIENTS, FRONT_PROXY, SERVICE_ACCOUNTS)

SUBJECTS: Final[Mapping[str, str]] = {
    CLUSTER: "ca",
    ETCD_PEERS: "etcd-peer-ca",
    ETCD_CLIENTS: "etcd-client-ca",
    FRONT_PROXY: "front-proxy-ca",
}
"""How an authority's common name ends; its bundle in the replica's secret is `<this>.crt`. Tokens' keys have none."""

LEAVES: Final[Mapping[str, tuple[str, ...]]] = {
    CLUSTER: ("apiserver", "apiserver-kubelet-client", "kubelet", "controller-manager", "scheduler"),
    ETCD_PEERS: ("etcd-peer",),
    ETCD_CLIENTS: ("etcd-server", "etcd-client"),
    FRONT_PROXY: ("front-proxy",),
}
"""Stems of what each has issued, in the replica's secret."""

_GENERATION = re.compile(r"(?:-([1-9][0-9]*))?")


@dataclass(frozen=True)
class Authorities:
    """Generations by authority, as pairs in the order of `AUTHORITIES`; those that are as by default are left out."""

    generations: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def of(self, name: str) -> tuple[int, ...]:
        return dict(self.generations).get(name, FIRST)

    @classmethod
    def made(cls, generations: Mapping[str, tuple[int, ...]]) -> Self:
        return cls(
            tuple(
                (name, generations[name])
                for name in AUTHORITIES
                if name in generations and generations[name] != FIRST
            )
        )

    def only(self, *names: str) -> Self:
        """Without the others."""
        return type(self)(tuple(pair for pair in self.generations if pair[0] in names))

    def to_text(self) -> str:
        """Empty where all is as by default."""
        if not self.generations:
            return ""
        return canonical({name: list(numbers) for name, numbers in self.generations})

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises FormatError for an authority that this release doesn't know: it would trust less than it is told to."""
        if not text:
            return cls()
        fields = attribute("authorities", text)
        found = {name: _numbers(name, fields.items(name)) for name in AUTHORITIES if fields.has(name)}
        fields.close()
        return cls.made(found)


def common_name(cluster: str, authority: str, generation: int) -> str:
    """Each generation has a name of its own, so that a certificate tells by whom it was issued."""
    name = f"{cluster}-{SUBJECTS[authority]}"
    return name if generation == 1 else f"{name}-{generation}"


def is_authority(stem: str) -> bool:
    """Returns whether a file of a replica's secret is an authority's, and no leaf's: `ca.crt`, `etcd-peer-ca.crt`."""
    return stem == "ca" or stem.endswith("-ca")


def generation(cluster: str, authority: str, name: str) -> int | None:
    """Of an authority's common name; None where that is nobody's of this cluster, or another authority's."""
    stem = common_name(cluster, authority, 1)
    found = _GENERATION.fullmatch(name.removeprefix(stem)) if name.startswith(stem) else None
    return int(found[1] or 1) if found else None


def _numbers(name: str, items: list[object]) -> tuple[int, ...]:
    numbers = tuple(item for item in items if isinstance(item, int) and not isinstance(item, bool))
    if not numbers or len(numbers) != len(items) or min(numbers) < 1 or len(set(numbers)) < len(numbers):
        raise FormatError(f"authorities.{name} is {items!r}; expected generations, each once: [1, 2]")
    return numbers
