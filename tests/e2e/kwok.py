"""Nodes and pods that are nothing but their objects, kept by kwok: https://kwok.sigs.k8s.io."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from lab.toolchain import golang, kubernetes
from node.contract.node_labels import POOL

KIND: Final = {"type": "kwok"}
"""The label of such nodes, for who wants to run there."""
TAINT: Final = {"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}
_ANNOTATION: Final = "kwok.x-k8s.io/node"
_STAGES: Final = ("node/fast", "node/heartbeat-with-lease", "pod/fast")


def nodes(count: int, pool: str, *, pods: int = 110) -> list[dict[str, Any]]:
    """As workers of a pool are, but for their names: whose VM isn't there would be taken away."""
    room = {"cpu": "4", "memory": "16Gi", "pods": str(pods)}
    return [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": f"kwok-{number:04}",
                "annotations": {_ANNOTATION: "fake"},
                "labels": {POOL: pool, **KIND},
            },
            "spec": {"taints": [TAINT]},
            "status": {"allocatable": room, "capacity": room},
        }
        for number in range(count)
    ]


@contextmanager
def kept(outside: Sequence[str], kubeconfig: Path, folder: Path) -> Iterator[None]:
    """kwok runs during the block, and logs in `folder`; `outside` is what runs a command where the API's clients are."""
    stages = folder / "stages.yaml"
    stages.write_text("\n---\n".join(file.read_text() for file in _stages()))
    command = [
        *outside,
        str(kubernetes.ensure("kwok") / "kwok"),
        f"--kubeconfig={kubeconfig}",
        f"--config={stages}",
        "--manage-all-nodes=false",
        f"--manage-nodes-with-annotation-selector={_ANNOTATION}=fake",
        "--node-lease-duration-seconds=40",
        "--server-address=127.0.0.1:0",
    ]
    with (
        (folder / "kwok.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def _stages() -> Iterator[Path]:
    """What becomes of nodes and pods, as kwok's own module has it."""
    module = golang.module_folder("sigs.k8s.io/kwok", "kubernetes/kwok")
    for stage in _STAGES:
        found = sorted((module / "kustomize" / "stage" / stage).glob("*.yaml"))
        yield from (file for file in found if file.name != "kustomization.yaml")
