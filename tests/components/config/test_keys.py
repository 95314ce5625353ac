"""The settings that are declared against those that are read: whoever adds one that nobody reads is told so."""

from __future__ import annotations

from collections import defaultdict

import pytest

from components.config import EtcdSpec, StackConfig, parse
from components.config.section import Section
from components.config.setting import keys_of, known_below
from tests.components.pins import ARTIFACTS, SHA256

WHOLE = {
    "clusterName": "prod",
    "replicas": [{"name": "m1", "zone": "europe-west1-b"}],
    "artifacts": {
        **ARTIFACTS,
        **{key: {"path": key, "sha256": SHA256} for key in ("containerd", "runc", "cniPlugins")},
        "images": {
            **ARTIFACTS["images"],
            "kube-proxy": f"registry.k8s.io/kube-proxy:v1.36.3@sha256:{SHA256}",
            "coredns": f"registry.k8s.io/coredns/coredns:v1.14.2@sha256:{SHA256}",
            "metrics-server": f"registry.k8s.io/metrics-server/metrics-server:v0.8.1@sha256:{SHA256}",
            "cluster-autoscaler": f"registry.k8s.io/autoscaling/cluster-autoscaler:v1.36.1@sha256:{SHA256}",
            "cloud-controller-manager": f"registry.example/ccm:v36.0.7@sha256:{SHA256}",
        },
    },
    "api": {
        "oidc": [{"issuerUrl": "https://accounts.example.com", "audiences": ["kubernetes"]}],
        "users": [{"name": "alice"}],
    },
    "cloudController": "services",
    "metricsServer": True,
    "pools": [
        {
            "name": "web",
            "zones": ["europe-west1-b"],
            "min": 1,
            "max": 2,
            "taints": [{"key": "dedicated", "effect": "NoSchedule"}],
        }
    ],
    "addons": [{"name": "web", "manifests": "web.yaml"}],
}
"""Enough of a config for every reader to be reached."""


def test_every_declared_key_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: dict[type, set[str]] = defaultdict(set)
    raw = Section.raw

    def noted(section: Section, key: str, default: object = None) -> object:
        if section.spec is not None:
            read[section.spec].add(key)
        return raw(section, key, default)

    monkeypatch.setattr(Section, "raw", noted)
    parse(WHOLE, region="europe-west1", project="my-project")
    declared = {StackConfig, *(spec for _, spec, _ in known_below(StackConfig))}
    assert read == {spec: set(keys_of(spec)) for spec in declared}


def test_a_key_that_is_not_declared_cannot_be_read() -> None:
    section = Section([], "ha-masters:etcd", {}, EtcdSpec)
    with pytest.raises(LookupError, match=r"etcd\.compaction is read, and EtcdSpec declares no such key"):
        section.read("compaction", str, "")
