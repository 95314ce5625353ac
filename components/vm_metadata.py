"""The metadata of a master's or a worker's VM, as a pure function of the config. Nothing in it is secret."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from components.config import ArtifactsSpec, FileSpec, PoolSpec, StackConfig, families
from components.resource_names import Names
from node.contract.cloud_controller import CloudController
from node.contract.machine_config import (
    CNI_PLUGINS,
    CONTAINERD,
    CONTROL_PLANE_IMAGES,
    Artifacts,
    Binary,
    Image,
    MachineConfig,
)
from node.contract.node_labels import POOL
from node.contract.snapshots import Keep
from node.contract.worker_config import Taint, WorkerConfig, audience, dns_address


def machine_config(config: StackConfig) -> MachineConfig:
    """Versions, ranges and flags, the same for every master of a cluster; artifacts where there are any."""
    keep = config.etcd.backup.keep
    return MachineConfig(
        kubernetes_version=config.kubernetes_version,
        etcd_version=config.etcd.version,
        etcd_quota_bytes=config.etcd.quota_bytes,
        backup_interval_seconds=config.etcd.backup.interval_seconds,
        api_port=config.api.port,
        pod_range=config.network.pod_range,
        service_range=config.network.service_range,
        identity_lease_duration_seconds=config.lease.lease_duration_seconds,
        identity_lease_renew_interval_seconds=config.lease.renew_interval_seconds,
        artifacts=_artifacts(config.artifacts) if config.artifacts else Artifacts(),
        snapshot_keep=Keep(keep.hourly, keep.daily, keep.weekly, keep.monthly),
    )


def cloud_controller(config: StackConfig, names: Names) -> CloudController | None:
    """Returns what masters run Google's cloud controller manager with; None where it is off. A network of the stack's own
    is named as `components.network` names it.
    """
    if not config.serves_services:
        return None
    spec = config.network
    return CloudController(
        image=config.cloud_controller_image,
        project=config.project,
        network=spec.network or names.cluster,
        subnetwork=spec.subnetwork or names.of("masters"),
        node_tag=names.worker_tag,
    )


def worker_config(config: StackConfig, pool: PoolSpec, api_address: str) -> WorkerConfig:
    """Returns the same for every machine of a pool; of the artifacts, what a kubelet needs."""
    return WorkerConfig(
        cluster=config.cluster_name,
        pool=pool.name,
        project=config.project,
        api_address=api_address,
        api_port=config.api.port,
        audience=audience(config.cluster_name),
        kubernetes_version=config.kubernetes_version,
        pod_range=config.network.pod_range,
        service_range=config.network.service_range,
        dns_address=dns_address(config.network.service_range),
        labels=pool.labels,
        taints=tuple(Taint(taint.key, taint.value, taint.effect) for taint in pool.taints),
        artifacts=_of_kubelets(_artifacts(config.artifacts)) if config.artifacts else Artifacts(),
    )


def kube_env(pool: PoolSpec) -> str:
    """Returns what cluster-autoscaler takes from a template, in its words: cloudprovider/gce/templates.go, `kube-env`. Zone,
    region and machine type it adds by itself; Debian is none of the distributions that it knows, and a word that it doesn't
    know would keep it from making a pool's first machine.
    """
    labels = {POOL: pool.name, **dict(sorted(pool.labels.items()))}
    values = {
        "node_labels": ",".join(f"{key}={value}" for key, value in labels.items()),
        "node_taints": ",".join(f"{taint.key}={taint.value}:{taint.effect}" for taint in pool.taints),
        "os": "linux",
        "arch": families.architecture(pool.machine_type),
    }
    return "AUTOSCALER_ENV_VARS: " + ";".join(f"{key}={value}" for key, value in values.items())


def _of_kubelets(artifacts: Artifacts) -> Artifacts:
    """Returns them without the images of a control plane."""
    images = tuple(image for image in artifacts.images if image.name not in CONTROL_PLANE_IMAGES)
    return replace(artifacts, images=images)


def _artifacts(spec: ArtifactsSpec) -> Artifacts:
    """Returns what machines fetch. An image without a path is pulled."""
    runtime = spec.runtime
    runc = (_binary("runc", runtime.runc),) if runtime else ()
    return Artifacts(
        spec.mirror,
        (*runc, _binary("kubelet", spec.kubelet)),
        tuple(
            Image(
                image.name,
                image.reference,
                image.archive.path if image.archive else "",
                image.archive.sha256 if image.archive else "",
            )
            for image in spec.images
        ),
        (_binary(CONTAINERD, runtime.containerd), _binary(CNI_PLUGINS, runtime.cni_plugins))
        if runtime
        else (),
    )


def _binary(name: str, spec: FileSpec) -> Binary:
    return Binary(name, spec.path, spec.sha256)


def config_hash(*parts: str) -> str:
    """Returns the SHA-256 of everything that the machine acts on; machines report it back once they run it."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
