"""A project in which something stands."""

from __future__ import annotations

import pytest

from lab.simulator.client import Client
from lab.simulator.server import Simulator
from tests.lab.simulator.compute.bodies import B, R, rule, vm


@pytest.fixture
def cloud(simulator: Simulator) -> Client:
    """A network, a subnet, the address `api`, the VM `m1` in zone b."""
    client = Client(simulator.url)
    client.made("global/networks", {"name": "n", "autoCreateSubnetworks": False})
    client.made(
        f"{R}/subnetworks",
        {
            "name": "s",
            "network": "global/networks/n",
            "ipCidrRange": "10.0.0.0/24",
            "secondaryIpRanges": [{"rangeName": "pods", "ipCidrRange": "10.8.0.0/16"}],
        },
    )
    client.made(f"{R}/addresses", {"name": "api"})
    client.made(f"{B}/instances", vm("m1"))
    return client


@pytest.fixture
def balanced(cloud: Client) -> Client:
    """Besides: group `ig` with m1, health check, backend service and the rule `api`."""
    cloud.made(f"{R}/healthChecks", {"name": "hc", "type": "HTTPS", "httpsHealthCheck": {"port": 443}})
    cloud.made(f"{B}/instanceGroups", {"name": "ig"})
    cloud.post(f"{B}/instanceGroups/ig/addInstances", {"instances": [{"instance": f"{B}/instances/m1"}]})
    backends = [{"group": f"{B}/instanceGroups/ig", "balancingMode": "CONNECTION"}]
    service = {"name": "bs", "healthChecks": [f"{R}/healthChecks/hc"], "backends": backends}
    cloud.made(f"{R}/backendServices", service | {"loadBalancingScheme": "EXTERNAL", "protocol": "TCP"})
    cloud.made(f"{R}/forwardingRules", rule(backendService=f"{R}/backendServices/bs"))
    return cloud
