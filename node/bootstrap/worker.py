"""Makes a worker what its metadata ask for. It has no data disk, no secret, and no place in the bucket for what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from node.bootstrap.every_machine import Site, alone, set_up
from node.contract.worker import Worker
from node.host import paths
from node.host.files import under, write
from node.manifests import cni
from node.manifests.units import AGENT, KUBELET, containerd_unit
from node.manifests.worker import agent_unit, configuration, kubelet_unit


def configure(site: Site, worker: Worker, attributes: Mapping[str, Any]) -> None:
    """Sets up the whole machine. Raises WebError, MachineError or FormatError; may be run again at any time, and by
    bootstrap and agent at once, who then wait for each other.
    """
    with alone(site.root):
        under(site.root, paths.SECRETS).mkdir(parents=True, exist_ok=True, mode=0o700)
        changed = False
        resolver = paths.RESOLVERS if under(site.root, paths.RESOLVERS).exists() else ""
        for file in configuration(worker, resolver):
            differs = write(under(site.root, file.path), file.text, file.mode)
            changed |= differs and file.path != cni.PATH
        artifacts = worker.config.artifacts
        texts = {KUBELET: kubelet_unit(worker), AGENT: agent_unit()}
        runtime = containerd_unit(artifacts, "worker")
        set_up(site, artifacts, attributes, texts, runtime, changed=changed)
