"""What stands, as plain values: machines, disks, ranges, the API's address and rule.

What the state lacks is None or empty, and nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from components.config import Build, Stood
from node.contract.api_server import ApiServer
from node.contract.authorities import FIRST


@dataclass(frozen=True, slots=True)
class KnownMaster:
    """A master whose VM stands in the state. `settings` is its `machine-config`, `api_server` what it is told besides under
    that name, `authorities` and `cloud_controller` likewise; `image` is `projects/…`.

    `settled`: its last change came through, which is to say that its gate `ready` recorded what the VM was told.
    """

    identity: str
    zone: str
    cluster: str = ""
    project: str = ""
    machine_type: str = ""
    image: str = ""
    boot_disk_type: str = ""
    boot_disk_gb: int = 0
    address: str = ""
    public: bool | None = None
    network: str = ""
    subnetwork: str = ""
    pod_range_name: str = ""
    labels: Mapping[str, str] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    api_server: Mapping[str, Any] = field(default_factory=dict)
    authorities: Mapping[str, Any] = field(default_factory=dict)
    cloud_controller: Mapping[str, Any] = field(default_factory=dict)
    settled: bool = True
    agent: str = ""
    startup_script: str = ""

    @property
    def name(self) -> str:
        """The replica's name: its identity without the zone's letter."""
        return self.identity.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class KnownDisk:
    """A data disk. `snapshot`: one is taken before the disk is destroyed, whose name begins with `snapshot_prefix`."""

    type: str
    size_gb: int
    snapshot: bool
    snapshot_prefix: str = ""


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """The API's name in Cloud DNS; `name` is without the dot at its end."""

    name: str
    zone: str
    ttl_seconds: int


@dataclass(frozen=True, slots=True)
class KnownPool:
    """A pool of which a group stands. `groups` maps zones to the groups' names; `size` is what was last asked of each, and
    None where that isn't known, as after an update that was cut off; with `most` the autoscaler chooses from `size` to that.
    `template` is the self link of its groups' template, `settings` the `worker-config` of the machines that it makes,
    `authorities` how many of the cluster's they trust.

    `exchanged`: an update has waited until all machines were of this template.
    """

    name: str
    groups: Mapping[str, str]
    template: str = ""
    size: int | None = None
    most: int | None = None
    machine_type: str = ""
    max_surge: int = 1
    max_unavailable: int = 0
    drain_timeout_seconds: int = 600
    image: str = ""
    boot_disk_type: str = ""
    boot_disk_gb: int = 0
    spot: bool | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    authorities: int = 1
    exchanged: bool = True

    @property
    def ceiling(self) -> int:
        """So many machines a zone may have, as far as is known."""
        return (self.size or 0) if self.most is None else self.most


@dataclass(frozen=True, slots=True)
class Standing:
    """One control plane's last state.

    `disks` are by identity; one may outlive its VM. `subnet_range` is None in an existing subnetwork, which the state
    doesn't hold. `sources` are all ranges that reach the API, the cluster's own included. `dns_names` are what stands in
    the API servers' certificates as the API's name, `extra_names` the operator's other names and addresses there. `users`
    maps those with kubeconfigs of their own to their roles; None where the stack made none. `renewals` maps certificates to
    when updates begin to renew them. `bucket`: whether the stack has made its own. `formed`: all masters have joined once,
    so what they were told was enough to serve.
    """

    masters: tuple[KnownMaster, ...] = ()
    disks: Mapping[str, KnownDisk] = field(default_factory=dict)
    region: str = ""
    subnet_range: str | None = None
    rule_port: int | None = None
    balanced: bool | None = None
    """Whether the public rule points at a load balancer."""
    internal: str | None = None
    """What rules there are, in the words of `api.internal`; None without any."""
    internal_address: str = ""
    bucket: bool = False
    address_name: str | None = None
    address_protected: bool | None = None
    sources: frozenset[str] | None = None
    dns_names: tuple[str, ...] | None = None
    extra_names: tuple[str, ...] | None = None
    users: Mapping[str, str] | None = None
    record: KnownRecord | None = None
    retention_days: int | None = None
    renewals: Mapping[str, datetime] = field(default_factory=dict)
    formed: bool = False
    pools: tuple[KnownPool, ...] = ()
    templates: Mapping[str, str] = field(default_factory=dict)
    """The names of pools' templates, by pool, also of one whose first group was never made."""
    metrics_server: bool = False
    addons: tuple[str, ...] = ()
    addons_digest: str = ""
    """Of the operator's add-ons that the last update brought, with their names; empty unless it brought all of them."""
    addon_objects: frozenset[str] = frozenset()
    """Those that the last update made of manifests, as `ConfigMap web/settings`."""
    definitions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Group and kind by the name of each CustomResourceDefinition that the stack made."""

    @property
    def identities(self) -> frozenset[str]:
        return frozenset(master.identity for master in self.masters)

    @property
    def stood(self) -> Stood:
        """What Google and a former release have taken, and so isn't refused."""
        builds = {
            master.identity: Build(
                master.machine_type, master.boot_disk_type, self.disks[master.identity].type, master.image
            )
            for master in self.masters
            if master.identity in self.disks
        }
        names = frozenset(master.pod_range_name for master in self.masters) - {""}
        return Stood(builds, names, self.self_contained)

    @property
    def lives(self) -> bool:
        """Whether there is anything that an edit could cost: a machine, or a disk that may hold etcd's data."""
        return bool(self.masters or self.disks)

    @property
    def self_contained(self) -> bool:
        """Whether masters serve that were told of no artifacts: their image holds everything, whatever its name."""
        told = [master.settings for master in self.masters if master.settings]
        return self.formed and bool(told) and not any(each.get("artifacts") for each in told)

    @property
    def encryption_keys(self) -> tuple[tuple[int, ...], ...]:
        """What masters were told of `api.encryptionKeys`, each list once; several after an update that was cut off."""
        default = list(ApiServer().encryption_keys)
        lists = {
            tuple(each.api_server.get("encryptionKeys", default)) for each in self.masters if each.settings
        }
        return tuple(sorted(lists))

    def generations(self, authority: str) -> tuple[tuple[int, ...], ...]:
        """What masters were told of `authorities`, each list once; several after an update that was cut off."""
        lists = {tuple(each.authorities.get(authority, FIRST)) for each in self.masters if each.settings}
        return tuple(sorted(lists))

    @property
    def balancer_tag(self) -> str:
        """The network tag that load balancers of Services aim at, where any master may make them; else empty."""
        return next((str(tag) for each in self.masters if (tag := each.cloud_controller.get("nodeTag"))), "")

    def settings(self, key: str) -> tuple[Any, ...]:
        """Returns what the machines are told under `key`, each value once; several after an update that was cut off."""
        return tuple(
            sorted({master.settings[key] for master in self.masters if master.settings.get(key) is not None})
        )
