"""The metadata of a master's VM, as a pure function of the config. Nothing in it is secret."""

from __future__ import annotations

import hashlib

from components.config import ArtifactsSpec, FileSpec, StackConfig
from node.contract.machine_config import CNI_PLUGINS, CONTAINERD, Artifacts, Binary, Image, MachineConfig


def machine_config(config: StackConfig) -> MachineConfig:
    """Versions, ranges and flags, the same for every master of a cluster; artifacts where there are any."""
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
    )


def _artifacts(spec: ArtifactsSpec) -> Artifacts:
    """An image without a path is pulled."""
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
    """SHA-256 over everything that the machine acts on; machines report it back once they run it."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
