"""`versions` and `deprecated` of a master's status: what runs there, and what a later minor wouldn't serve any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from node.contract.fields import Reported


@dataclass(frozen=True)
class Versions:
    """What runs on this machine, each by its own word and without `v`; empty where it isn't known.

    `etcd_data` is the minor that etcd's data are of, such as `3.6`: the least that all members run. On data of a later
    minor an etcd doesn't start (server/etcdserver/version/downgrade.go, MustDetectDowngrade).
    """

    kubelet: str = ""
    apiserver: str = ""
    etcd: str = ""
    etcd_data: str = ""

    def to_fields(self) -> dict[str, Any]:
        return {
            "kubelet": self.kubelet,
            "apiserver": self.apiserver,
            "etcd": self.etcd,
            "etcdData": self.etcd_data,
        }

    @classmethod
    def read(cls, said: Reported) -> Self:
        return cls(said.text("kubelet"), said.text("apiserver"), said.text("etcd"), said.text("etcdData"))


@dataclass(frozen=True)
class DeprecatedApi:
    """An API that somebody has asked this machine's apiserver for since it began, and that the minor `removed` doesn't serve
    any more. `api` is its group and version, `objects` how many there are now, -1 where that isn't known.
    """

    resource: str
    api: str
    removed: str
    objects: int = -1

    def to_fields(self) -> dict[str, Any]:
        counted = {"objects": self.objects} if self.objects >= 0 else {}
        return {"resource": self.resource, "api": self.api, "removed": self.removed, **counted}

    @classmethod
    def read(cls, said: Reported) -> Self:
        objects = said.number("objects") if said.has("objects") else -1
        return cls(said.text("resource"), said.text("api"), said.text("removed"), objects)
