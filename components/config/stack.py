"""From the raw mapping to a `StackConfig`, with the checks that need more than one section."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import cast

from components.config import families, names
from components.config.access import read_api
from components.config.addons import read_addons
from components.config.artifacts import Machines, read_artifacts
from components.config.authorities import read_authorities
from components.config.builds import NOTHING, Stood
from components.config.cloud_controller import SERVICES, check_cloud_controller
from components.config.errors import HIDDEN, ConfigErrors, Problem, Refused
from components.config.etcd import read_etcd
from components.config.joining import check_joining
from components.config.labels import read_labels
from components.config.lease import read_lease
from components.config.masters import MastersSpec
from components.config.network import read_network
from components.config.pools import check_pools, read_pools
from components.config.released import Released
from components.config.replicas import ReplicaSpec, read_replicas
from components.config.reserved_address import Reserved
from components.config.section import Section, decoded
from components.config.spec import StackConfig
from components.releases import ARCHITECTURES, Releases, shipped
from node.contract.restore import Source

_REGION = re.compile(r"[a-z]+-[a-z]+\d+")
_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][-a-z0-9]{4,28}[a-z0-9]")


def parse(
    raw: Mapping[str, object],
    *,
    project_name: str = "ha-masters",
    region: str,
    project: str,
    secret_keys: Collection[str] = (),
    zone_dns_name: Callable[[str], str] | None = None,
    reserved: Callable[[str], Reserved] | None = None,
    stood: Stood = NOTHING,
    releases: Releases | None = None,
) -> StackConfig:
    """Returns what `raw` asks for, or raises `ConfigErrors` with everything that is wrong with it.

    `raw` maps our keys, without their namespace `project_name`, to what stands there; objects and lists may
    still be JSON. `zone_dns_name` tells the domain that a managed zone holds and raises LookupError for a
    zone that it can't read; without it, nothing is said about zones. `reserved` does the same for an address.
    What `stood` before isn't refused. `releases` are those that are known by digest, by default the shipped ones.
    """
    problems: list[Problem] = []
    for key in sorted(secret_keys):
        problems.append(
            Problem(
                f"{project_name}:{key}",
                HIDDEN,
                "is encrypted",
                "Set it without --secret: none of our keys is secret",
            )
        )
    ours = {key: value for key, value in raw.items() if key not in secret_keys}
    top = Section(problems, f"{project_name}:", ours, StackConfig)
    home = Section(problems, "gcp:", {k: v for k, v in (("project", project), ("region", region)) if v}, None)
    home.require("project", _project, "", "Set it: `pulumi config set gcp:project <project id>`")
    home.require("region", _region, "", "Set it: `pulumi config set gcp:region europe-west1`")

    cluster, kubernetes = top.take("cluster_name"), top.take("kubernetes_version")
    machine = top.within("masters")
    masters = machine.fill(MastersSpec)
    members = top.within("etcd")
    etcd = read_etcd(members)
    replicas = read_replicas(
        top,
        region=region if home.ok("region") else None,
        cluster=cluster if top.ok("clusterName") else "",
        masters=(machine, masters),
        etcd=(members, etcd),
        standing=stood.builds,
    )
    ranges, api = top.within("network"), top.within("api")
    network = read_network(ranges, stood.pod_range_names)
    released = Released(
        shipped() if releases is None else releases,
        kubernetes if top.ok("kubernetesVersion") else None,
        etcd.version if members.ok("version") else None,
        _architecture(replicas),
        top,
        members,
    )
    mode, measures = top.take("cloud_controller"), top.take("metrics_server")
    serves = mode == SERVICES
    written = decoded(top.raw("pools"))
    scales = isinstance(written, Sequence) and any(
        "max" in each for each in written if isinstance(each, Mapping)
    )
    machines = Machines(masters.image, stood.self_contained, bool(written), serves, measures, scales)
    artifacts = read_artifacts(top.within("artifacts"), machines, released)
    pools = read_pools(
        top,
        region=region if home.ok("region") else None,
        cluster=cluster if top.ok("clusterName") else "",
        masters=masters,
    )
    config = StackConfig(
        cluster_name=cluster,
        project=project,
        region=region,
        kubernetes_version=kubernetes,
        replicas=replicas,
        network=network,
        api=read_api(
            api,
            zone_dns_name,
            reserved,
            f"{cluster}-api",
            masters.boot_disk_size_gb if machine.ok("bootDiskSizeGb") else None,
        ),
        masters=masters,
        etcd=etcd,
        artifacts=artifacts,
        lease=read_lease(top.within("lease")),
        labels=read_labels(top.within("labels")),
        pools=pools,
        own_addons=read_addons(top),
        authorities=read_authorities(top.within("authorities")),
        addons=released.addons(
            artifacts.addons if artifacts else {},
            in_image=artifacts is None,
            measures=measures,
            scales=any(pool.autoscaled for pool in pools),
        )
        if pools
        else {},
        cloud_controller=mode,
        metrics_server=measures,
        cloud_controller_image=released.cloud_controller(
            artifacts.cloud_controller if artifacts else "", in_image=artifacts is None
        )
        if serves and pools
        else "",
    )
    if config.workers:
        check_joining(api, config.api)
    if not machines.workers and not measures:
        wrong = "is for clusters with workers, and there are no pools"
        top.refuse("metricsServer", Refused(wrong, "Remove it, or write pools: docs/guides/pools.md"))
    if serves:
        check_cloud_controller(top, api, config.api, workers=machines.workers)
    if ranges.ok("podRange"):
        check_pools(top, config.pools, replicas, network)
    survivor = Source.of(etcd.restore).survivor if etcd.restore else ""
    if survivor and survivor not in {replica.identity for replica in config.replicas}:
        members.refuse(
            "survivor",
            Refused("is not among the replicas", "Keep it in the list, for its disk has all that is left"),
        )
    if cluster and home.ok("project"):
        try:
            names.check_bucket(project, cluster)
        except Refused as refused:
            top.refuse("clusterName", refused)
    if problems:
        raise ConfigErrors(problems)
    return config


def _architecture(replicas: Sequence[ReplicaSpec]) -> str:
    """Returns that of all masters: they boot one image, and run one kubelet."""
    return families.architecture(replicas[0].machine_type) if replicas else ARCHITECTURES[0]


def _region(value: object) -> str:
    if _REGION.fullmatch(cast(str, value)) is None:
        raise Refused("is not a region", "Write its name, such as europe-west1; a zone has one part more")
    return cast(str, value)


def _project(value: object) -> str:
    if _PROJECT.fullmatch(cast(str, value)) is None:
        raise Refused(
            "is not a project's ID", "Write its ID, not its number or title: `gcloud projects list` shows it"
        )
    return cast(str, value)
