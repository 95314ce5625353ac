"""Config that is accepted, and what it becomes; config that is refused, and every word said about it."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.config import (
    AddonSpec,
    ArtifactsSpec,
    Build,
    ConfigErrors,
    FileSpec,
    ImageSpec,
    PoolSpec,
    RuntimeSpec,
    StackConfig,
    Stood,
    TaintSpec,
    parse,
)
from components.releases import shipped
from components.resource_names import Names
from node.contract.api_server import ApiServer, Issuer
from tests.components.pins import ARTIFACTS, AUTHORITY, SHA256

BASE: dict[str, Any] = {"clusterName": "prod", "replicas": [{"name": "m1", "zone": "europe-west1-b"}]}
BAD_INPUT = yaml.safe_load(Path(__file__).with_name("bad_input.yaml").read_text())


def parsed(**config: Any) -> StackConfig:
    return parse({**BASE, **config}, region="europe-west1", project="my-project")


def refusals(case: dict[str, Any]) -> list[str]:
    """What is said about `BASE` with the case's changes."""
    config = {**BASE, **case.get("config", {})}
    config.pop(case.get("without", ""), None)
    zones = case.get("zones")

    def zone_dns_name(zone: str) -> str:
        if zone not in zones:
            raise LookupError(f"dns zone {zone} not found")
        return str(zones[zone])

    with pytest.raises(ConfigErrors) as refused:
        parse(
            config,
            region=case.get("region", "europe-west1"),
            project=case.get("project", "my-project"),
            secret_keys=case.get("secret", ()),
            zone_dns_name=None if zones is None else zone_dns_name,
        )
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in BAD_INPUT])
def test_bad_input_is_refused_with_key_value_and_remedy(case: dict[str, Any]) -> None:
    assert refusals(case) == case["says"]


def test_cases_have_names_of_their_own() -> None:
    names = [case["id"] for case in BAD_INPUT]
    assert len(names) == len(set(names)) >= 140


def test_problems_are_told_in_one_message() -> None:
    with pytest.raises(ConfigErrors) as refused:
        parsed(clusterName="", network={"subnetRange": "10.0.0.0"})
    assert str(refused.value).splitlines() == [
        "The stack's config has 2 problems:",
        '  - ha-masters:clusterName: "" is empty. Name the cluster; every resource\'s name begins with it, '
        "and it can't be changed later.",
        '  - ha-masters:network.subnetRange: "10.0.0.0" has no prefix. Write address/prefix, '
        "such as 10.0.0.0/26; one address is /32.",
    ]


def test_defaults() -> None:
    config = parsed()
    assert dataclasses.asdict(config) == {
        "cluster_name": "prod",
        "project": "my-project",
        "region": "europe-west1",
        "kubernetes_version": "1.36.3",
        "replicas": (
            {
                "name": "m1",
                "zone": "europe-west1-b",
                "machine_type": "e2-standard-2",
                "boot_disk_type": "pd-balanced",
                "data_disk_type": "pd-ssd",
                "data_disk_size_gb": 20,
            },
        ),
        "network": {
            "network": None,
            "subnetwork": None,
            "subnet_range": "10.0.0.0/20",
            "pod_range": "10.64.0.0/14",
            "service_range": "10.68.0.0/20",
            "pod_range_name": "pods",
        },
        "api": {
            "authorized_networks": (),
            "dns_name": None,
            "managed_zone": None,
            "dns_ttl_seconds": 300,
            "port": 443,
            "protect_address": True,
            "address": None,
            "load_balancer": "auto",
            "internal": "none",
            "extra_names": (),
            "audit": {
                "policy": None,
                "max_age_seconds": 7 * 86_400,
                "max_backups": 5,
                "max_size_mb": 100,
            },
            "log_level": 0,
            "enabled_plugins": (),
            "disabled_plugins": (),
            "issuers": (),
            "encryption_keys": (1,),
            "users": None,
        },
        "masters": {
            "machine_type": "e2-standard-2",
            "image": "projects/debian-cloud/global/images/debian-12-bookworm-v20251014",
            "boot_disk_type": None,
            "boot_disk_size_gb": 20,
            "public_addresses": False,
        },
        "etcd": {
            "version": "3.6.8",
            "data_disk_type": None,
            "data_disk_size_gb": 20,
            "quota_bytes": 4 * 2**30,
            "backup": {
                "interval_seconds": 1800,
                "retention_seconds": 7 * 86_400,
                "keep": {"hourly": 0, "daily": 0, "weekly": 0, "monthly": 0},
            },
            "data_disk_protection": "snapshot",
            "restore_from": "",
            "survivor": "",
            "restore_over": "",
        },
        "lease": {"lease_duration_seconds": 3600, "renew_interval_seconds": 10},
        "labels": {},
        "artifacts": config.artifacts and dataclasses.asdict(config.artifacts),
        "pools": (),
        "own_addons": (),
        "cloud_controller": "off",
        "metrics_server": True,
        "cloud_controller_image": "",
        "authorities": {"generations": ()},
        "addons": {},
    }


def test_values_may_come_as_json() -> None:
    config = parsed(replicas='[{"name": "m1", "zone": "europe-west1-c"}]', labels='{"team": "platform"}')
    assert [replica.identity for replica in config.replicas] == ["m1-c"]
    assert config.labels == {"team": "platform"}


def test_a_replica_has_its_own_machine_or_the_masters() -> None:
    config = parsed(
        replicas=[
            {"name": "m1", "zone": "europe-west1-b"},
            {"name": "m2", "zone": "europe-west1-c", "machineType": "n2-custom-4-8192", "dataDiskSizeGb": 40},
        ],
        masters={"machineType": "e2-standard-4"},
        etcd={"dataDiskSizeGb": 30},
    )
    assert [(r.machine_type, r.data_disk_size_gb) for r in config.replicas] == [
        ("e2-standard-4", 30),
        ("n2-custom-4-8192", 40),
    ]


@pytest.mark.parametrize(
    ("name", "zone", "identity"),
    [
        pytest.param("m1", "europe-west1-b", "m1-b", id="letter"),
        pytest.param("m1", "us-central1-ai1a", "m1-ai1a", id="AI zone"),
        pytest.param("blue-m1", "europe-west1-d", "blue-m1-d", id="hyphen in the name"),
    ],
)
def test_identity_is_name_and_zone(name: str, zone: str, identity: str) -> None:
    region = zone.rpartition("-")[0]
    raw = {**BASE, "replicas": [{"name": name, "zone": zone}]}
    config = parse(raw, region=region, project="my-project")
    assert config.replicas[0].identity == identity


def test_a_range_that_pods_have_their_addresses_from_keeps_its_name() -> None:
    """A former release took it without a subnetwork, and named its own range by it."""
    raw = {**BASE, "network": {"podRangeName": "gke-pods"}}
    stood = Stood(pod_range_names=frozenset({"gke-pods"}))
    config = parse(raw, region="europe-west1", project="my-project", stood=stood)
    assert config.network.pod_range_name == "gke-pods"


def test_names_of_the_cluster() -> None:
    named = Names("prod", "example.com:my-project")
    assert named.service_account_id == "prod-masters"
    assert named.bucket == "example-com-my-project-prod-masters"
    assert named.of("m1-b") == "prod-m1-b"


@pytest.mark.parametrize(
    "machine_type",
    ["e2-standard-2", "n2-custom-4-8192-ext", "c4-highmem-8", "t2d-standard-1", "e2-custom-medium-4096"],
)
def test_machine_types(machine_type: str) -> None:
    assert parsed(masters={"machineType": machine_type}).masters.machine_type == machine_type


def test_the_api_server_s_options() -> None:
    api = parsed(
        api={
            "extraNames": ["api.internal.example.com", "10.1.2.3", "*.example.org", "localhost"],
            "oidc": [
                {
                    "issuerUrl": "https://accounts.example.com/realms/a",
                    "audiences": ["kubernetes", "ci"],
                    "usernameClaim": "email",
                    "usernamePrefix": "",
                    "groupsClaim": "groups",
                    "groupsPrefix": "sso:",
                    "requiredClaims": {"hd": "example.com"},
                    "certificateAuthority": AUTHORITY,
                }
            ],
            "audit": {
                "policy": {
                    "kind": "Policy",
                    "rules": [{"level": "None", "verbs": ["get"]}, {"level": "Metadata"}],
                },
                "maxAge": "30d",
                "maxBackups": 10,
                "maxSizeMb": 50,
            },
            "logLevel": 2,
            "enableAdmissionPlugins": ["NodeRestriction", "AlwaysPullImages"],
            "disableAdmissionPlugins": ["DefaultTolerationSeconds"],
        }
    ).api
    assert api.extra_dns_names == ("api.internal.example.com", "*.example.org", "localhost")
    assert api.extra_addresses == ("10.1.2.3",)
    assert api.server == ApiServer(
        log_level=2,
        enabled_plugins=("AlwaysPullImages",),
        disabled_plugins=("DefaultTolerationSeconds",),
        audit_policy={"rules": [{"level": "None", "verbs": ["get"]}, {"level": "Metadata"}]},
        audit_max_age_days=30,
        audit_max_backups=10,
        audit_max_size_mb=50,
        issuers=(
            Issuer(
                "https://accounts.example.com/realms/a",
                ("kubernetes", "ci"),
                username_claim="email",
                username_prefix="",
                groups_claim="groups",
                groups_prefix="sso:",
                required_claims=(("hd", "example.com"),),
                certificate_authority=AUTHORITY,
            ),
        ),
    )


def test_durations_may_be_compound() -> None:
    backup = parsed(etcd={"backup": {"interval": "1h30m", "retention": "14d"}}).etcd.backup
    assert (backup.interval_seconds, backup.retention_days) == (5400, 14)


def test_steps_in_which_snapshots_stay() -> None:
    keep = parsed(etcd={"backup": {"keep": {"hourly": 24, "monthly": 6}}}).etcd.backup.keep
    assert (keep.hourly, keep.daily, keep.weekly, keep.monthly) == (24, 0, 0, 6)


def test_an_existing_network() -> None:
    network = parsed(
        network={
            "network": "shared",
            "subnetwork": "shared-europe",
            "subnetRange": "10.10.0.0/16",
            "podRange": "10.12.0.0/16",
            "podRangeName": "prod-pods",
        }
    ).network
    assert (network.subnetwork, network.pod_range_name) == ("shared-europe", "prod-pods")


@pytest.mark.parametrize("dns_name", ["example.com", "api.example.com", "api.prod.example.com."])
def test_a_dns_name_in_its_zone(dns_name: str) -> None:
    raw = {**BASE, "api": {"dnsName": dns_name, "managedZone": "example"}}
    config = parse(
        raw,
        region="europe-west1",
        project="my-project",
        zone_dns_name=lambda zone: {"example": "example.com."}[zone],
    )
    assert config.api.dns_name == dns_name.removesuffix(".")


def test_artifacts() -> None:
    assert parsed(artifacts=ARTIFACTS).artifacts == ArtifactsSpec(
        mirror="gs://mirror/k8s",
        kubelet=FileSpec("v1.36.3/kubelet", SHA256),
        images=(
            ImageSpec("etcd", "registry.k8s.io/etcd:3.6.8-0", FileSpec("etcd.tar", SHA256)),
            *(
                ImageSpec(name, f"registry.k8s.io/{name}:v1.36.3@sha256:{SHA256}")
                for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
            ),
            ImageSpec("pause", f"mirror.example:5000/pause@sha256:{SHA256}"),
        ),
    )


def test_addons() -> None:
    addons = [
        {"name": "web", "manifests": "addons/web/*.yaml", "namespace": "web", "wait": False},
        {"name": "ingress", "program": "addons/ingress.py"},
    ]
    assert parsed(addons=addons).own_addons == (
        AddonSpec("web", manifests="addons/web/*.yaml", namespace="web", wait=False),
        AddonSpec("ingress", program="addons/ingress.py"),
    )


def test_a_pool() -> None:
    pools = [
        {"name": "web", "zones": ["europe-west1-c", "europe-west1-b"], "size": 2},
        {
            "name": "batch",
            "zones": ["europe-west1-d"],
            "size": 0,
            "machineType": "n4-standard-4",
            "image": "projects/p/global/images/own",
            "bootDiskSizeGb": 100,
            "labels": {
                "example.com/tier": "batch",
                "node.kubernetes.io/exclude-from-external-load-balancers": "",
            },
            "taints": [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}],
            "spot": True,
            "maxSurge": 0,
            "maxUnavailable": 2,
            "drainTimeout": "1h",
        },
    ]
    web, batch = parsed(pools=pools, masters={"image": "projects/p/global/images/masters"}).pools
    assert web == PoolSpec(
        name="web",
        zones=("europe-west1-b", "europe-west1-c"),
        size=2,
        machine_type="e2-standard-4",
        image="projects/p/global/images/masters",
        boot_disk_type="pd-balanced",
        boot_disk_size_gb=50,
        labels={},
        taints=(),
        spot=False,
        max_surge=1,
        max_unavailable=0,
        drain_timeout_seconds=600,
    )
    assert batch == PoolSpec(
        name="batch",
        zones=("europe-west1-d",),
        size=0,
        machine_type="n4-standard-4",
        image="projects/p/global/images/own",
        boot_disk_type="hyperdisk-balanced",
        boot_disk_size_gb=100,
        labels={"example.com/tier": "batch", "node.kubernetes.io/exclude-from-external-load-balancers": ""},
        taints=(TaintSpec("dedicated", "batch", "NoSchedule"),),
        spot=True,
        max_surge=0,
        max_unavailable=2,
        drain_timeout_seconds=3600,
    )


POOLS = [{"name": "web", "zones": ["europe-west1-b"], "size": 1}]
METRICS_SERVER = f"registry.k8s.io/metrics-server/metrics-server:v0.8.1@{shipped().metrics_server['v0.8.1']}"


@pytest.mark.parametrize(
    ("more", "addons"),
    [
        pytest.param({}, {}, id="without pools"),
        pytest.param(
            {"pools": POOLS, "kubernetesVersion": "1.36.2"},
            {
                "kube-proxy": f"registry.k8s.io/kube-proxy:v1.36.2@{shipped().kube_proxy['v1.36.2']}",
                "coredns": f"registry.k8s.io/coredns/coredns:v1.14.2@{shipped().coredns['v1.14.2']}",
                "metrics-server": METRICS_SERVER,
            },
            id="the release's",
        ),
        pytest.param(
            {"pools": POOLS, "kubernetesVersion": "1.36.3"},
            {
                "kube-proxy": f"registry.k8s.io/kube-proxy:v1.36.2@{shipped().kube_proxy['v1.36.2']}",
                "coredns": f"registry.k8s.io/coredns/coredns:v1.14.2@{shipped().coredns['v1.14.2']}",
                "metrics-server": METRICS_SERVER,
            },
            id="an older one, where the release's own isn't known",
        ),
        pytest.param(
            {"pools": POOLS, "kubernetesVersion": "1.36.3", "artifacts": {"from": "image"}},
            {
                "kube-proxy": "ha-masters.local/kube-proxy:v1.36.3",
                "coredns": "ha-masters.local/coredns:v1.14.2",
                "metrics-server": "ha-masters.local/metrics-server:v0.8.1",
            },
            id="those that the machines' image holds",
        ),
        pytest.param(
            {
                "pools": POOLS,
                "kubernetesVersion": "1.36.2",
                "artifacts": {
                    "images": {
                        "kube-proxy": f"r.example/kp@sha256:{SHA256}",
                        "coredns": f"r.example/dns@sha256:{SHA256}",
                        "metrics-server": f"r.example/ms@sha256:{SHA256}",
                    }
                },
            },
            {
                "kube-proxy": f"r.example/kp@sha256:{SHA256}",
                "coredns": f"r.example/dns@sha256:{SHA256}",
                "metrics-server": f"r.example/ms@sha256:{SHA256}",
            },
            id="the operator's own",
        ),
    ],
)
def test_images_of_what_workers_need(more: dict[str, Any], addons: dict[str, str]) -> None:
    config = parse({**BASE, **more}, region="europe-west1", project="my-project")
    assert config.addons == addons


@pytest.mark.parametrize(
    ("more", "image"),
    [
        pytest.param({}, "", id="off by default"),
        pytest.param({"cloudController": False}, "", id="off, as YAML reads it"),
        pytest.param({"cloudController": "false"}, "", id="off, as Pulumi hands that on"),
        pytest.param(
            {"cloudController": "services", "kubernetesVersion": "1.36.3"},
            "registry.k8s.io/cloud-provider-gcp/cloud-controller-manager:v35.0.8"
            f"@{shipped().cloud_controller_manager['v35.0.8']}",
            id="of the minor before",
        ),
        pytest.param(
            {"cloudController": "services", "artifacts": {"from": "image"}, "kubernetesVersion": "1.36.3"},
            "ha-masters.local/cloud-controller-manager:v1.36.3",
            id="that the machines' image holds",
        ),
        pytest.param(
            {
                "cloudController": "services",
                "artifacts": {"images": {"cloud-controller-manager": f"r.example/ccm@sha256:{SHA256}"}},
            },
            f"r.example/ccm@sha256:{SHA256}",
            id="the operator's own",
        ),
    ],
)
def test_image_of_the_cloud_controller(more: dict[str, Any], image: str) -> None:
    config = parse({**BASE, "pools": POOLS, **more}, region="europe-west1", project="my-project")
    assert config.cloud_controller_image == image


SCALED = [{"name": "web", "zones": ["europe-west1-b"], "min": 1, "max": 3}]


@pytest.mark.parametrize(
    ("more", "image"),
    [
        pytest.param(
            {"kubernetesVersion": "1.35.3"},
            "registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.0"
            f"@{shipped().cluster_autoscaler['v1.35.0']}",
            id="of the cluster's own minor",
        ),
        pytest.param(
            {"artifacts": {"from": "image"}, "kubernetesVersion": "1.36.3"},
            "ha-masters.local/cluster-autoscaler:v1.36.1",
            id="that the machines' image holds",
        ),
        pytest.param(
            {"artifacts": {"images": {"cluster-autoscaler": f"r.example/ca@sha256:{SHA256}"}}},
            f"r.example/ca@sha256:{SHA256}",
            id="the operator's own",
        ),
        pytest.param({"pools": POOLS}, None, id="none where no pool scales"),
    ],
)
def test_image_of_the_autoscaler(more: dict[str, Any], image: str | None) -> None:
    config = parse({**BASE, "pools": SCALED, **more}, region="europe-west1", project="my-project")
    assert config.addons.get("cluster-autoscaler") == image
    assert config.autoscaled is (image is not None)


def test_an_autoscaler_that_nobody_knows_is_refused() -> None:
    releases = dataclasses.replace(shipped(), cluster_autoscaler={})
    wanted = r"pools: .* need cluster-autoscaler, and none for Kubernetes .* is known by its digest"
    with pytest.raises(ConfigErrors, match=wanted):
        parse({**BASE, "pools": SCALED}, region="europe-west1", project="my-project", releases=releases)


def test_a_kube_proxy_that_nobody_knows_is_refused() -> None:
    raw = {**BASE, "pools": POOLS, "kubernetesVersion": "1.36.3"}
    with pytest.raises(
        ConfigErrors, match=r"pools: .* need a kube-proxy, .* Run `python -m admin pin 1.36.3`"
    ):
        parse(
            raw,
            region="europe-west1",
            project="my-project",
            releases=dataclasses.replace(shipped(), kube_proxy={}),
        )


OWN_IMAGE = {"image": "projects/my-project/global/images/with-everything"}


@pytest.mark.parametrize(
    ("config", "self_contained", "fetched"),
    [
        pytest.param({}, False, True, id="Google's Debian"),
        pytest.param(
            {"artifacts": {}}, False, True, id="the default of Pulumi.yaml, which pulumi hands over"
        ),
        pytest.param({"masters": OWN_IMAGE}, False, False, id="another's image"),
        pytest.param({"artifacts": {"from": "image"}}, False, False, id="Google's Debian that holds all"),
        pytest.param(
            {"masters": OWN_IMAGE, "artifacts": {"from": "release"}}, False, True, id="and one that doesn't"
        ),
        pytest.param({}, True, False, id="masters stand that were told of none"),
        pytest.param({"artifacts": {"from": "release"}}, True, True, id="and shall be told of some"),
        pytest.param({"kubernetesVersion": "1.36.99"}, True, False, id="of a release that isn't known"),
    ],
)
def test_where_artifacts_come_from(config: dict[str, Any], self_contained: bool, fetched: bool) -> None:
    raw = {**BASE, **config}
    stack = parse(
        raw, region="europe-west1", project="my-project", stood=Stood(self_contained=self_contained)
    )
    assert (stack.artifacts is not None) == fetched


KNOWN = shipped().kubernetes["1.36.3"]


def test_a_version_is_enough() -> None:
    assert parsed().artifacts == ArtifactsSpec(
        mirror="https://dl.k8s.io",
        kubelet=FileSpec("release/v1.36.3/bin/linux/amd64/kubelet", KNOWN.kubelet["amd64"]),
        images=(
            ImageSpec("etcd", f"registry.k8s.io/etcd:3.6.8-0@{shipped().etcd['3.6.8-0']}"),
            *(
                ImageSpec(name, f"registry.k8s.io/{name}:v1.36.3@{KNOWN.images[name]}")
                for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
            ),
            ImageSpec("pause", f"registry.k8s.io/pause@{shipped().pause['3.10.2']}"),
        ),
    )


def test_arm_masters_that_stand_have_another_kubelet() -> None:
    arm = "c4a-standard-2"
    built = Build(
        arm, "hyperdisk-balanced", "hyperdisk-balanced", "projects/debian-cloud/global/images/debian-12-arm64"
    )
    raw = {**BASE, "masters": {"machineType": arm, "image": built.image}}
    stack = parse(raw, region="europe-west1", project="my-project", stood=Stood({"m1-b": built}))
    assert stack.artifacts
    assert stack.artifacts.kubelet == FileSpec(
        "release/v1.36.3/bin/linux/arm64/kubelet", KNOWN.kubelet["arm64"]
    )


@pytest.mark.parametrize(
    "own",
    [
        pytest.param({"mirror": "gs://mirror/k8s"}, id="the mirror"),
        pytest.param({"mirror": "gs://mirror/k8s", "kubelet": ARTIFACTS["kubelet"]}, id="the kubelet"),
        pytest.param({"images": {"pause": ARTIFACTS["images"]["pause"]}}, id="an image"),
        pytest.param(
            {"mirror": "gs://mirror/k8s", "images": {"etcd": ARTIFACTS["images"]["etcd"]}}, id="an archive"
        ),
    ],
)
def test_a_single_artifact_takes_the_place_of_the_releases(own: dict[str, Any]) -> None:
    whole, release, mixed = (
        parsed(artifacts=ARTIFACTS).artifacts,
        parsed().artifacts,
        parsed(artifacts=own).artifacts,
    )
    assert whole
    assert release
    assert mixed
    images = own.get("images", {})
    assert mixed == ArtifactsSpec(
        whole.mirror if "mirror" in own else release.mirror,
        whole.kubelet if "kubelet" in own else release.kubelet,
        tuple(
            mine if mine.name in images else theirs
            for mine, theirs in zip(whole.images, release.images, strict=True)
        ),
    )


def test_what_runs_containers_is_a_version_or_a_file() -> None:
    own = {"path": "cni.tgz", "sha256": SHA256}
    artifacts = parsed(
        artifacts={"mirror": "gs://mirror/k8s", "containerd": "2.2.7", "runc": "1.4.3", "cniPlugins": own}
    ).artifacts
    assert artifacts
    github = "https://github.com"
    assert artifacts.runtime == RuntimeSpec(
        FileSpec(
            f"{github}/containerd/containerd/releases/download/v2.2.7/containerd-2.2.7-linux-amd64.tar.gz",
            shipped().containerd["2.2.7"]["amd64"],
        ),
        FileSpec(
            f"{github}/opencontainers/runc/releases/download/v1.4.3/runc.amd64",
            shipped().runc["1.4.3"]["amd64"],
        ),
        FileSpec("cni.tgz", SHA256),
    )


def test_who_pins_all_says_himself_whether_there_is_a_pause() -> None:
    """Stacks of the first release stand so, and masters are told of nothing that they weren't told of before."""
    images = {name: each for name, each in ARTIFACTS["images"].items() if name != "pause"}
    artifacts = parsed(artifacts={**ARTIFACTS, "images": images}).artifacts
    assert artifacts
    assert "pause" not in [image.name for image in artifacts.images]


@pytest.mark.parametrize(
    ("mirror", "read"),
    [
        pytest.param("https://dl.k8s.io/", "https://dl.k8s.io", id="a slash at the end"),
        pytest.param(
            "https://mirror.example:8443/a/b.c", "https://mirror.example:8443/a/b.c", id="port and path"
        ),
        pytest.param("gs://mirror", "gs://mirror", id="a bucket without prefix"),
    ],
)
def test_mirrors(mirror: str, read: str) -> None:
    artifacts = parsed(artifacts={**ARTIFACTS, "mirror": mirror}).artifacts
    assert artifacts
    assert artifacts.mirror == read


def test_a_checksum_may_have_capitals() -> None:
    kubelet = {"path": "kubelet", "sha256": SHA256.upper()}
    artifacts = parsed(artifacts={**ARTIFACTS, "kubelet": kubelet}).artifacts
    assert artifacts
    assert artifacts.kubelet.sha256 == SHA256


@pytest.mark.parametrize(
    ("written", "runs"), [(True, True), ("true", True), (False, False), ("false", False)], ids=repr
)
def test_metrics_are_switched_as_pulumi_hands_that_on(written: object, runs: bool) -> None:
    assert parsed(pools=POOLS, metricsServer=written).metrics_server is runs
