"""What a master's VM is told through its metadata: a pure function of the config. Nothing in it is secret."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from components.config import ArtifactsSpec, StackConfig


def machine_config(config: StackConfig) -> dict[str, Any]:
    """Versions, ranges and flags, the same for every master of a cluster; artifacts where there are any."""
    return {
        "kubernetesVersion": config.kubernetes_version,
        "etcdVersion": config.etcd.version,
        "etcdQuotaBytes": config.etcd.quota_bytes,
        "backupIntervalSeconds": config.etcd.backup.interval_seconds,
        "apiPort": config.api.port,
        "podRange": config.network.pod_range,
        "serviceRange": config.network.service_range,
        "identityLeaseDurationSeconds": config.identity.lease_duration_seconds,
        "identityLeaseRenewIntervalSeconds": config.identity.renew_interval_seconds,
        **({"artifacts": _artifacts(config.artifacts)} if config.artifacts else {}),
    }


def _artifacts(spec: ArtifactsSpec) -> dict[str, Any]:
    """As `node.manifests.machine_config` reads it: an image without a path is pulled."""
    return {
        "mirror": spec.mirror,
        "binaries": [{"name": "kubelet", "path": spec.kubelet.path, "sha256": spec.kubelet.sha256}],
        "images": [
            {
                "name": image.name,
                "image": image.reference,
                "path": image.archive.path if image.archive else "",
                "sha256": image.archive.sha256 if image.archive else "",
            }
            for image in spec.images
        ],
    }


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def config_hash(*parts: str) -> str:
    """SHA-256 over everything that the machine acts on; machines report it back once they run it."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
