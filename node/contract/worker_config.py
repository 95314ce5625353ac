"""`worker-config` of a VM's metadata: all that a worker of a pool needs to join. Whoever has it is a worker, and no master.

    {"cluster": "dev", "pool": "web", "project": "p", "apiAddress": "203.0.113.10", "apiPort": 443,
     "audience": "ha-masters/dev", "kubernetesVersion": "1.36.3", "podRange": "10.64.0.0/14",
     "serviceRange": "10.0.16.0/20", "dnsAddress": "10.0.16.10", "labels": {"example.com/tier": "web"},
     "taints": [{"key": "example.com/dedicated", "value": "web", "effect": "NoSchedule"}], "artifacts": {…}}

It is the same for all machines of a pool, stands in their instance template, and holds nothing secret. `artifacts` are as
in `machine-config`, and there only where there are any. `podRange` is the cluster's; a worker's own /24 of it is its VM's
alias range. The cluster's authority, in PEM, is the attribute `cluster-ca` beside this one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Self

from node.contract.fields import Fields, FormatError, attribute, canonical, check_choice, check_name
from node.contract.machine_config import Artifacts
from node.contract.node_labels import EFFECTS, key_problem, label_problem, value_problem

DNS_INDEX = 10
"""The cluster's DNS has the tenth address of the service range, by the custom of every installer."""

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_PROJECT = re.compile(r"[a-z0-9.:-]+")


def audience(cluster: str) -> str:
    """Of the tokens by which a cluster's workers prove who they are."""
    return f"ha-masters/{cluster}"


def dns_address(service_range: str) -> str:
    return str(IPv4Network(service_range)[DNS_INDEX])


@dataclass(frozen=True)
class Taint:
    """`effect` is one of `EFFECTS`, and `value` may be empty."""

    key: str
    value: str
    effect: str


@dataclass(frozen=True)
class WorkerConfig:
    """`project` is an id, not a number. Raises FormatError for what no worker could follow."""

    cluster: str
    pool: str
    project: str
    api_address: str
    api_port: int
    audience: str
    kubernetes_version: str
    pod_range: str
    service_range: str
    dns_address: str
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    artifacts: Artifacts = field(default_factory=Artifacts)

    def __post_init__(self) -> None:
        check_name("worker-config.cluster", self.cluster)
        check_name("worker-config.pool", self.pool)
        if not _PROJECT.fullmatch(self.project):
            raise FormatError(f"worker-config.project is {self.project!r}; expected the id of a project")
        _address("apiAddress", self.api_address)
        if not 1 <= self.api_port <= 65_535:
            raise FormatError(f"worker-config.apiPort is {self.api_port}; expected a port, 1 to 65535")
        if not self.audience:
            raise FormatError(f"worker-config.audience is ''; expected {audience(self.cluster)!r}")
        if not _VERSION.fullmatch(self.kubernetes_version):
            raise FormatError(
                f"worker-config.kubernetesVersion is {self.kubernetes_version!r}; expected three numbers, as 1.36.3"
            )
        _range("podRange", self.pod_range)
        services = _range("serviceRange", self.service_range)
        if _address("dnsAddress", self.dns_address) not in services:
            raise FormatError(
                f"worker-config.dnsAddress is {self.dns_address!r}; expected an address of the service range "
                f"{self.service_range}"
            )
        for key, value in self.labels.items():
            _check(f"labels.{key}", key, label_problem(key))
            _check(f"labels.{key}", value, value_problem(value))
        for taint in self.taints:
            _check("taints.key", taint.key, key_problem(taint.key))
            _check(f"taints.{taint.key}.value", taint.value, value_problem(taint.value))
            check_choice(f"worker-config.taints.{taint.key}.effect", taint.effect, EFFECTS)

    @property
    def api_url(self) -> str:
        """The cluster's address: the load balancer's, or the sole master's."""
        return f"https://{self.api_address}:{self.api_port}"

    def to_fields(self) -> dict[str, Any]:
        """As they stand in the metadata, in canonical JSON."""
        return {
            "cluster": self.cluster,
            "pool": self.pool,
            "project": self.project,
            "apiAddress": self.api_address,
            "apiPort": self.api_port,
            "audience": self.audience,
            "kubernetesVersion": self.kubernetes_version,
            "podRange": self.pod_range,
            "serviceRange": self.service_range,
            "dnsAddress": self.dns_address,
            "labels": dict(self.labels),
            "taints": [asdict(each) for each in self.taints],
            **({"artifacts": self.artifacts.to_fields()} if self.artifacts != Artifacts() else {}),
        }

    def to_text(self) -> str:
        return canonical(self.to_fields())

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        fields = attribute("worker-config", text)
        labels = fields.object("labels")
        config = cls(
            cluster=fields.text("cluster"),
            pool=fields.text("pool"),
            project=fields.text("project"),
            api_address=fields.text("apiAddress"),
            api_port=fields.number("apiPort"),
            audience=fields.text("audience"),
            kubernetes_version=fields.text("kubernetesVersion"),
            pod_range=fields.text("podRange"),
            service_range=fields.text("serviceRange"),
            dns_address=fields.text("dnsAddress"),
            labels={key: labels.text(key) for key in labels.rest()},
            taints=tuple(_taint(each) for each in fields.objects("taints")),
            artifacts=Artifacts.read(fields.object("artifacts")) if fields.has("artifacts") else Artifacts(),
        )
        fields.close()
        return config


def _taint(fields: Fields) -> Taint:
    taint = Taint(fields.text("key"), fields.text("value"), fields.text("effect"))
    fields.close()
    return taint


def _range(key: str, block: str) -> IPv4Network:
    try:
        return IPv4Network(block)
    except ValueError:
        raise FormatError(f"worker-config.{key} is {block!r}; expected an IPv4 range") from None


def _address(key: str, value: str) -> IPv4Address:
    try:
        return IPv4Address(value)
    except ValueError:
        raise FormatError(f"worker-config.{key} is {value!r}; expected an IPv4 address") from None


def _check(key: str, value: str, problem: str) -> None:
    if problem:
        raise FormatError(f"worker-config.{key} is {value!r}, which is {problem}")
