"""Every key of the config does something, or is refused: one that is taken and does nothing would mislead whoever set it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pulumi
import pytest

from components.config.keys import KNOWN
from tests.components.pins import ARTIFACTS, AUTHORITY, SHA256
from tests.components.recording import run_program
from tests.edits.table import merged

BASE: dict[str, Any] = {
    "clusterName": "dev",
    "replicas": [{"name": "m1", "zone": "europe-west1-b"}],
}
EXISTING = {
    "network": "shared",
    "subnetwork": "masters",
    "subnetRange": "10.1.0.0/24",
    "podRange": "10.72.0.0/14",
    "podRangeName": "gke-pods",
}


def m1(**more: Any) -> dict[str, Any]:
    return {"replicas": [{**BASE["replicas"][0], **more}]}


ISSUER = {"issuerUrl": "https://accounts.example.com", "audiences": ["kubernetes"]}


def issuer(**more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"api": {"oidc": [ISSUER]}}, {"api": {"oidc": [{**ISSUER, **more}]}}


def audit(**more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    policy = {"policy": {"rules": [{"level": "Metadata"}]}}
    return {"api": {"audit": policy}}, {"api": {"audit": {**policy, **more}}}


WEB = {"name": "web", "zones": ["europe-west1-b"], "size": 1}
SCALED = {"name": "web", "zones": ["europe-west1-b"], "min": 1, "max": 3}
FILES = "tests/components/addons/files"
ADDON = {"name": "web", "manifests": f"{FILES}/settings.yaml"}
PROGRAM = {"name": "web", "program": f"{FILES}/program.py"}
TAINT = {"key": "dedicated", "value": "web", "effect": "NoSchedule"}


def image(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Another one of what runs beside workers."""
    needs, _ = web()
    return needs, {"artifacts": {"images": {name: f"registry.example/own@sha256:{SHA256}"}}}


def web(**more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"pools": [WEB]}, {"pools": [{**WEB, **more}]}


def addon(**more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"addons": [ADDON]}, {"addons": [{**ADDON, **more}]}


def taint(**more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"pools": [{**WEB, "taints": [TAINT]}]}, {"pools": [{**WEB, "taints": [{**TAINT, **more}]}]}


ALONE: dict[str, dict[str, Any]] = {
    "clusterName": {"clusterName": "prod"},
    "kubernetesVersion": {"kubernetesVersion": "1.35.2"},
    "replicas[].name": m1(name="m2"),
    "replicas[].zone": m1(zone="europe-west1-c"),
    "replicas[].machineType": m1(machineType="e2-standard-4"),
    "replicas[].bootDiskType": m1(bootDiskType="pd-ssd"),
    "replicas[].dataDiskSizeGb": m1(dataDiskSizeGb=40),
    "network.subnetRange": {"network": {"subnetRange": "10.1.0.0/20"}},
    "network.podRange": {"network": {"podRange": "10.72.0.0/14"}},
    "network.serviceRange": {"network": {"serviceRange": "10.69.0.0/20"}},
    "api.authorizedNetworks": {"api": {"authorizedNetworks": ["203.0.113.0/24"]}},
    "api.dnsName": {"api": {"dnsName": "api.example.com"}},
    "api.port": {"api": {"port": 6443}},
    "api.protectAddress": {"api": {"protectAddress": False}},
    "api.address": {"api": {"address": "kube-master-ip"}},
    "api.loadBalancer": {"api": {"loadBalancer": "always"}},
    "api.internal": {"api": {"internal": "beside"}},
    "api.extraNames": {"api": {"extraNames": ["other.example.com"]}},
    "api.oidc": {"api": {"oidc": [ISSUER]}},
    "api.audit.policy": {"api": {"audit": {"policy": {"rules": [{"level": "Metadata"}]}}}},
    "api.logLevel": {"api": {"logLevel": 4}},
    "api.enableAdmissionPlugins": {"api": {"enableAdmissionPlugins": ["PodNodeSelector"]}},
    "api.encryptionKeys": {"api": {"encryptionKeys": [1, 2]}},
    "api.disableAdmissionPlugins": {"api": {"disableAdmissionPlugins": ["DefaultStorageClass"]}},
    "api.users": {"api": {"users": [{"name": "alice"}]}},
    "masters.machineType": {"masters": {"machineType": "n4-standard-2"}},
    "masters.image": {"masters": {"image": "projects/p/global/images/own"}},
    "masters.bootDiskType": {"masters": {"bootDiskType": "pd-ssd"}},
    "masters.bootDiskSizeGb": {"masters": {"bootDiskSizeGb": 40}},
    "masters.publicAddresses": {"masters": {"publicAddresses": True}},
    "etcd.version": {"etcd": {"version": "3.6.7"}},
    "etcd.dataDiskType": {"etcd": {"dataDiskType": "pd-balanced"}},
    "etcd.dataDiskSizeGb": {"etcd": {"dataDiskSizeGb": 40}},
    "etcd.dataDiskProtection": {"etcd": {"dataDiskProtection": "none"}},
    "etcd.quotaBytes": {"etcd": {"quotaBytes": 2**31}},
    "etcd.backup.interval": {"etcd": {"backup": {"interval": "1h"}}},
    "etcd.backup.retention": {"etcd": {"backup": {"retention": "3d"}}},
    "etcd.backup.keep.hourly": {"etcd": {"backup": {"keep": {"hourly": 24}}}},
    "etcd.backup.keep.daily": {"etcd": {"backup": {"keep": {"daily": 7}}}},
    "etcd.backup.keep.weekly": {"etcd": {"backup": {"keep": {"weekly": 4}}}},
    "etcd.backup.keep.monthly": {"etcd": {"backup": {"keep": {"monthly": 6}}}},
    "identity.leaseDurationSeconds": {"identity": {"leaseDurationSeconds": 1800}},
    "identity.renewIntervalSeconds": {"identity": {"renewIntervalSeconds": 20}},
    "labels": {"labels": {"team": "platform"}},
    "artifacts": {"artifacts": ARTIFACTS},
    "pools": {"pools": [WEB]},
    "addons": {"addons": [ADDON]},
    "addons[].program": {"addons": [PROGRAM]},
    "authorities.cluster": {"authorities": {"cluster": [1, 2]}},
    "authorities.etcdPeers": {"authorities": {"etcdPeers": [1, 2]}},
    "authorities.etcdClients": {"authorities": {"etcdClients": [1, 2]}},
    "authorities.frontProxy": {"authorities": {"frontProxy": [1, 2]}},
    "authorities.serviceAccounts": {"authorities": {"serviceAccounts": [1, 2]}},
}
"""Each by itself, beside `BASE`."""

TOGETHER: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "network.network": ({"network": EXISTING}, {"network": {"network": "another"}}),
    "network.subnetwork": ({"network": EXISTING}, {"network": {"subnetwork": "another"}}),
    "network.podRangeName": ({"network": EXISTING}, {"network": {"podRangeName": "pods"}}),
    "api.users[].name": ({"api": {"users": [{"name": "alice"}]}}, {"api": {"users": [{"name": "bob"}]}}),
    "api.users[].role": (
        {"api": {"users": [{"name": "alice"}]}},
        {"api": {"users": [{"name": "alice", "role": "view"}]}},
    ),
    "api.oidc[].issuerUrl": issuer(issuerUrl="https://login.example.com"),
    "api.oidc[].audiences": issuer(audiences=["another"]),
    "api.oidc[].usernameClaim": issuer(usernameClaim="email"),
    "api.oidc[].usernamePrefix": issuer(usernamePrefix="sso:"),
    "api.oidc[].groupsClaim": issuer(groupsClaim="roles"),
    "api.oidc[].groupsPrefix": issuer(groupsClaim="roles", groupsPrefix="oidc:"),
    "api.oidc[].requiredClaims": issuer(requiredClaims={"team": "platform"}),
    "api.oidc[].certificateAuthority": issuer(certificateAuthority=AUTHORITY),
    "api.audit.maxAge": audit(maxAge="30d"),
    "api.audit.maxBackups": audit(maxBackups=3),
    "api.audit.maxSizeMb": audit(maxSizeMb=50),
    "artifacts.images.kube-proxy": image("kube-proxy"),
    "artifacts.images.coredns": image("coredns"),
    "artifacts.images.metrics-server": image("metrics-server"),
    "artifacts.images.cluster-autoscaler": (
        {"pools": [SCALED]},
        {"artifacts": {"images": {"cluster-autoscaler": f"registry.example/own@sha256:{SHA256}"}}},
    ),
    "artifacts.images.cloud-controller-manager": (
        {"pools": [WEB], "cloudController": "services"},
        {"artifacts": {"images": {"cloud-controller-manager": f"registry.example/own@sha256:{SHA256}"}}},
    ),
    "cloudController": ({"pools": [WEB]}, {"cloudController": "services"}),
    "metricsServer": ({"pools": [WEB]}, {"metricsServer": False}),
    "pools[].name": web(name="batch"),
    "pools[].zones": web(zones=["europe-west1-b", "europe-west1-c"]),
    "pools[].size": web(size=2),
    "pools[].min": ({"pools": [SCALED]}, {"pools": [{**SCALED, "min": 2}]}),
    "pools[].max": ({"pools": [SCALED]}, {"pools": [{**SCALED, "max": 4}]}),
    "pools[].machineType": web(machineType="n4-standard-2"),
    "pools[].image": web(image="projects/p/global/images/own"),
    "pools[].bootDiskType": web(bootDiskType="pd-ssd"),
    "pools[].bootDiskSizeGb": web(bootDiskSizeGb=100),
    "pools[].labels": web(labels={"example.com/tier": "web"}),
    "pools[].taints": web(taints=[TAINT]),
    "pools[].taints[].key": taint(key="reserved"),
    "pools[].taints[].value": taint(value="batch"),
    "pools[].taints[].effect": taint(effect="NoExecute"),
    "pools[].spot": web(spot=True),
    "pools[].maxSurge": web(maxSurge=2),
    "pools[].maxUnavailable": web(maxUnavailable=1),
    "pools[].drainTimeout": web(drainTimeout="20m"),
    "addons[].name": addon(name="site"),
    "addons[].manifests": addon(manifests=f"{FILES}/web.yaml"),
    "addons[].namespace": addon(namespace="web"),
    "addons[].wait": addon(wait=False),
    "api.managedZone": (
        {"api": {"dnsName": "api.example.com"}},
        {"api": {"managedZone": "example"}},
    ),
    "api.dnsTtlSeconds": (
        {"api": {"dnsName": "api.example.com", "managedZone": "example"}},
        {"api": {"dnsTtlSeconds": 60}},
    ),
}
"""Each beside those without which it is refused."""

ELSEWHERE = {"etcd.restoreFrom", "etcd.survivor", "etcd.restoreOverQuorum", "authorities.kubeletServing"}
"""Asked of the bucket: tests/components/restore. And the one that is always refused: bad_input.yaml."""


def registered(config: dict[str, Any]) -> dict[str, str]:
    """What the engine is told for `config`, by logical name: of components nothing, which only record what was asked for."""
    run = run_program(
        {f"ha-masters:{k}": v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
    )
    return {
        name: json.dumps(asdict(each), sort_keys=True, default=_plain)
        for name, each in run.resources.items()
        if not each.type.startswith(("ha-masters:index:", "pulumi:pulumi:"))
    }


def _plain(value: Any) -> Any:
    return value.path if isinstance(value, pulumi.FileAsset) else sorted(value)


@pytest.fixture(scope="module")
def plain() -> dict[str, str]:
    return registered(BASE)


def test_without_a_change_nothing_is_done(plain: dict[str, str]) -> None:
    assert registered(BASE) == plain


@pytest.mark.parametrize("key", list(ALONE))
def test_a_key_does_something(plain: dict[str, str], key: str) -> None:
    assert registered(merged(BASE, ALONE[key])) != plain


@pytest.mark.parametrize("key", list(TOGETHER))
def test_a_key_does_something_beside_those_that_it_needs(key: str) -> None:
    needs, change = TOGETHER[key]
    before = merged(BASE, needs)
    assert registered(merged(before, change)) != registered(before)


def test_every_key_is_tried() -> None:
    keys = {f"{section}.{key}".removeprefix(".") for section, known in KNOWN.items() for key in known}
    tried = ALONE.keys() | TOGETHER.keys() | ELSEWHERE
    missing = {
        key
        for key in keys
        if key not in tried and not any(each.startswith((f"{key}.", f"{key}[")) for each in tried)
    }
    assert {key for key in missing if not key.startswith("artifacts.")} == set()
