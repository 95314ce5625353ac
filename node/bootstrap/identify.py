"""Metadata to a `Machine`: pure, and strict about what is missing."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.fields import FormatError
from node.manifests.machine import Machine
from node.manifests.machine_config import MachineConfig

STORAGE = "https://storage.googleapis.com"
SECRET_MANAGER = "https://secretmanager.googleapis.com"  # noqa: S105


@dataclass(frozen=True)
class Endpoints:
    """Where Google's APIs answer, without any path. Attributes of the same names, or variables, put others in place."""

    storage: str = STORAGE
    secret_manager: str = SECRET_MANAGER


def endpoints(document: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Endpoints:
    """From the attributes `storage-endpoint` and `secretmanager-endpoint`, else from HA_MASTERS_STORAGE and
    HA_MASTERS_SECRETMANAGER, else Google's own.
    """
    attributes = document.get("attributes") or {}
    variables = os.environ if environment is None else environment

    def chosen(name: str, variable: str, default: str) -> str:
        return str(attributes.get(name) or variables.get(variable) or default).rstrip("/")

    return Endpoints(
        chosen("storage-endpoint", "HA_MASTERS_STORAGE", STORAGE),
        chosen("secretmanager-endpoint", "HA_MASTERS_SECRETMANAGER", SECRET_MANAGER),
    )


def machine(document: Mapping[str, Any]) -> Machine:
    """The machine that the metadata's `instance/` describes. Raises FormatError, naming what is missing."""
    attributes = document.get("attributes") or {}

    def attribute(name: str) -> str:
        if not (value := attributes.get(name)):
            raise FormatError(f"the VM's metadata has no `{name}`: run `pulumi up` to write it again")
        return str(value)

    interfaces = document.get("networkInterfaces") or []
    if not interfaces:
        raise FormatError("the VM has no network interface: run `pulumi up` to make it again")
    overrides = attributes.get("kubelet-overrides")
    return Machine(
        cluster=attribute("cluster-name"),
        replica=attribute("replica"),
        zone=str(document["zone"]).rpartition("/")[2],
        instance_id=str(document["id"]),
        address=str(interfaces[0]["ip"]),
        api_address=attribute("api-address"),
        bucket=attribute("bucket"),
        secret=attribute("secret"),
        config_hash=attribute("config-hash"),
        config=MachineConfig.parse(attribute("machine-config")),
        pod_range=str(next(iter(interfaces[0].get("ipAliases") or []), "")),
        kubelet_overrides=json.loads(overrides) if overrides else {},
    )
