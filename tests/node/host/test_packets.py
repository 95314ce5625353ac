"""Where packets go on a master, whatever else runs there."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from node.host.packets import keep
from tests.node.manifests.machines import MACHINE

ROUTE = f"ip route replace local {MACHINE.api_address}/32 dev lo proto 77 metric 77"
RULE = f"PREROUTING -s {MACHINE.config.pod_range} -d 169.254.169.254 -j DROP"


@dataclass
class Kernel:
    """`has`: whether the rule is there."""

    has: bool
    calls: list[str] = field(default_factory=list)

    def run(self, *command: str, allow: tuple[int, ...] = (), seconds: float = 0) -> tuple[int, str]:
        self.calls.append(" ".join(command))
        missing = "-C" in command and not self.has
        assert not missing or 1 in allow
        return int(missing), ""


@pytest.mark.parametrize(
    ("has", "then"),
    [
        pytest.param(False, [f"iptables -w 10 -t raw -I {RULE}"], id="the rule is put in"),
        pytest.param(True, [], id="and once"),
    ],
)
def test_the_address_is_taken_and_tokens_are_kept_from_pods(has: bool, then: list[str]) -> None:
    kernel = Kernel(has)
    keep(MACHINE, kernel)
    assert kernel.calls == [ROUTE, f"iptables -w 10 -t raw -C {RULE}", *then]
