"""Of which architecture a machine type is, as Kubernetes' releases call it."""

from __future__ import annotations

ARM_FAMILIES = frozenset({"a4x", "c4a", "n4a", "t2a"})
"""https://cloud.google.com/compute/docs/instances/arm-on-compute: all other families are x86."""


def architecture(machine_type: str) -> str:
    return "arm64" if machine_type.partition("-")[0] in ARM_FAMILIES else "amd64"
