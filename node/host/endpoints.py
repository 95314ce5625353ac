"""Where Google's APIs answer, as a machine finds them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.contract import metadata

STORAGE = "https://storage.googleapis.com"
SECRET_MANAGER = "https://secretmanager.googleapis.com"  # noqa: S105
COMPUTE = "https://compute.googleapis.com"
IDENTITY = "https://www.googleapis.com"


@dataclass(frozen=True)
class Endpoints:
    """Where Google's APIs answer, without any path. Attributes of the same names, or variables, put others in place.

    At `identity` are the public keys of who signs VMs' identity tokens.
    """

    storage: str = STORAGE
    secret_manager: str = SECRET_MANAGER
    compute: str = COMPUTE
    identity: str = IDENTITY


def endpoints(document: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Endpoints:
    """From the attributes `storage-endpoint`, `secretmanager-endpoint`, `compute-endpoint` and `identity-endpoint`, else
    from variables as HA_MASTERS_STORAGE, else Google's own.
    """
    attributes = document.get("attributes") or {}
    variables = os.environ if environment is None else environment

    def chosen(name: str, variable: str, default: str) -> str:
        return str(attributes.get(name) or variables.get(variable) or default).rstrip("/")

    return Endpoints(
        chosen(metadata.STORAGE_ENDPOINT, "HA_MASTERS_STORAGE", STORAGE),
        chosen(metadata.SECRET_MANAGER_ENDPOINT, "HA_MASTERS_SECRETMANAGER", SECRET_MANAGER),
        chosen(metadata.COMPUTE_ENDPOINT, "HA_MASTERS_COMPUTE", COMPUTE),
        chosen(metadata.IDENTITY_ENDPOINT, "HA_MASTERS_IDENTITY", IDENTITY),
    )
