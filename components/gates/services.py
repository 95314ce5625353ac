"""The guard of load balancers that masters made for Services."""

from __future__ import annotations

import pulumi

from components.gates.resources import Gate


class ServicesLeave(Gate, module="ha-masters", name="ServicesLeave"):
    """Stands on the whole cluster, so it is deleted first: not while firewall rules of load balancers aim at `tag`, the
    workers'. Masters made these, and once they are gone, or may not, nobody takes them away.
    """

    def __init__(
        self, name: str, *, bucket: str, project: str, tag: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("services-leave", name, {"bucket": bucket, "project": project, "tag": tag}, opts)
