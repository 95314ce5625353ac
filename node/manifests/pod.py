"""The form that all static pods share: one container on the host's network, its files mounted at their own places."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Pod = dict[str, Any]

REVISION: Final = "HA_MASTERS_REVISION"
"""The variable by which a running process tells which text of its manifest it was started from."""

READS: Final = "ha-masters/reads"
"""The annotation with the digest of files that a process reads once, when it starts."""


@dataclass(frozen=True)
class Mount:
    """A path of the host. `kind` is the type of a hostPath volume."""

    path: str
    writable: bool = False
    kind: str = "DirectoryOrCreate"


@dataclass(frozen=True)
class Probe:
    """An HTTP probe of the kubelet's, from the host."""

    host: str
    port: int
    path: str
    scheme: str = "HTTPS"
    period_seconds: int = 10
    failures: int = 8
    timeout_seconds: int = 15

    def render(self) -> dict[str, Any]:
        return {
            "httpGet": {"host": self.host, "port": self.port, "path": self.path, "scheme": self.scheme},
            "periodSeconds": self.period_seconds,
            "timeoutSeconds": self.timeout_seconds,
            "failureThreshold": self.failures,
        }


@dataclass(frozen=True)
class Priority:
    """A class of Kubernetes' own. At a shutdown the kubelet ends pods from the lowest to the highest."""

    name: str
    value: int


NODE_CRITICAL: Final = Priority("system-node-critical", 2_000_001_000)
CLUSTER_CRITICAL: Final = Priority("system-cluster-critical", 2_000_000_000)


def flags(values: Mapping[str, str | int | bool]) -> list[str]:
    """`--name=value`, in the order given."""
    return [
        f"--{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in values.items()
    ]


def static_pod(
    name: str,
    image: str,
    command: Sequence[str],
    mounts: Sequence[Mount],
    probes: Mapping[str, Probe],
    *,
    cpu: str,
    memory: str = "",
    grace_seconds: int = 30,
    priority: Priority = CLUSTER_CRITICAL,
    reads: str = "",
) -> Pod:
    """`probes` by their field (`livenessProbe`, …). `reads` is the text of files that another pod takes to follow. Output
    goes to /var/log/pods, as every container's does.
    """
    requests = {"cpu": cpu, **({"memory": memory} if memory else {})}
    volumes, mounted = [], []
    for index, mount in enumerate(mounts):
        volumes.append({"name": f"path-{index}", "hostPath": {"path": mount.path, "type": mount.kind}})
        mounted.append({"name": f"path-{index}", "mountPath": mount.path, "readOnly": not mount.writable})
    container = {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": list(command),
        "env": [],
        "resources": {"requests": requests},
        "volumeMounts": mounted,
        **{field: probe.render() for field, probe in probes.items()},
    }
    pod: Pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "kube-system",
            "labels": {"component": name, "tier": "control-plane"},
            **({"annotations": {READS: hashlib.sha256(reads.encode()).hexdigest()[:16]}} if reads else {}),
        },
        "spec": {
            "hostNetwork": True,
            "priorityClassName": priority.name,
            "priority": priority.value,
            "terminationGracePeriodSeconds": grace_seconds,
            "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
            "volumes": volumes,
        },
    }
    container["env"] = [{"name": REVISION, "value": _digest(pod)}]
    return pod


def revision(pod: Pod) -> str:
    """Returns what a process started from this manifest has in its environment."""
    return str(next(e["value"] for e in pod["spec"]["containers"][0]["env"] if e["name"] == REVISION))


def text(document: Mapping[str, Any]) -> str:
    """Returns one text for one meaning, so that an unchanged manifest is never written again and never restarts its pod."""
    return json.dumps(document, indent=2) + "\n"


def _digest(pod: Pod) -> str:
    return hashlib.sha256(json.dumps(pod, sort_keys=True).encode()).hexdigest()[:16]
