"""`cloudController`: what Google's cloud controller manager does on masters."""

from __future__ import annotations

from components.config.access import ApiSpec
from components.config.errors import Refused
from components.config.section import Section
from node.contract import ports

OFF, SERVICES = "off", "services"


def mode(value: object) -> str:
    """Returns one of the modes. YAML of 1.1 takes a bare `off` for false, and Pulumi may then hand that on as a text."""
    if value in (OFF, False, "false"):
        return OFF
    if value != SERVICES:
        raise Refused(
            f"is neither {OFF} nor {SERVICES}",
            f"Write {SERVICES} for addresses of Google's for Services of type LoadBalancer, or {OFF}; Nodes are the agent's "
            "work in either",
        )
    return SERVICES


def check_cloud_controller(top: Section, api: Section, spec: ApiSpec, *, workers: bool) -> None:
    """Checks what holds where it isn't off."""
    if not workers:
        wrong = "is for Services whose pods run on workers, and there are no pools"
        top.refuse("cloudController", Refused(wrong, f"Write {OFF}, or write pools: docs/guides/pools.md"))
    if api.ok("port") and spec.port == ports.CLOUD_CONTROLLER:
        wrong = "is taken by the cloud controller manager on every master"
        api.refuse("port", Refused(wrong, "Choose 443, 6443 or another free port"))
