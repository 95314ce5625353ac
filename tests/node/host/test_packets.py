"""Where packets go on a master, whatever else runs there."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from node.host.packets import close_metadata, closing, keep
from tests.node.manifests.machines import MACHINE

SHOW = "ip route show table local proto 77"
LINE = "local {} dev lo scope host metric 77 \n"
"""As iproute2 6.1 prints it."""

INSIDE = "10.0.0.9"


def route(verb: str, address: str) -> str:
    return f"ip route {verb} local {address}/32 dev lo proto 77 metric 77"


OPEN = f"PREROUTING -s {MACHINE.config.pod_range} -d 169.254.169.254 -p {{}} ! --dport 53 -j DROP"
RULE = f"PREROUTING -s {MACHINE.config.pod_range} -d 169.254.169.254 -j DROP"


@dataclass
class Kernel:
    """`has`: whether the rule is there; `routes`: what ours lead to."""

    has: bool
    routes: tuple[str, ...] = ()
    calls: list[str] = field(default_factory=list)

    def run(self, *command: str, allow: tuple[int, ...] = (), seconds: float = 0) -> tuple[int, str]:
        self.calls.append(" ".join(command))
        if self.calls[-1] == SHOW:
            return 0, "".join(map(LINE.format, self.routes))
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
    assert kernel.calls == [
        SHOW,
        route("replace", MACHINE.api_address),
        f"iptables -w 10 -t raw -C {RULE}",
        *then,
    ]


@pytest.mark.parametrize(
    ("inside", "there", "then"),
    [
        pytest.param("", (MACHINE.api_address,), [], id="nothing to do"),
        pytest.param(INSIDE, (MACHINE.api_address,), [route("replace", INSIDE)], id="an internal address comes"),
        pytest.param("", (INSIDE, MACHINE.api_address), [route("delete", INSIDE)], id="an internal address goes"),
        pytest.param(
            INSIDE, (),
            [route("replace", MACHINE.api_address), route("replace", INSIDE)],
            id="somebody has taken both away",
        ),
    ],
)  # fmt: skip
def test_each_address_of_the_cluster_and_no_other_is_the_machine_s(
    inside: str, there: tuple[str, ...], then: list[str]
) -> None:
    kernel = Kernel(has=True, routes=there)
    keep(replace(MACHINE, api_internal_address=inside), kernel)
    assert [call for call in kernel.calls if call.startswith("ip ")] == [SHOW, *then]


@pytest.mark.parametrize(
    ("ipv6", "then"),
    [
        pytest.param(False, [], id="without IPv6"),
        pytest.param(
            True,
            [
                "ip6tables -w 10 -t raw -I PREROUTING -d ::ffff:169.254.169.254 -j DROP",
                "ip6tables -w 10 -t raw -I PREROUTING -d fd20:ce::254 -j DROP",
            ],
            id="with IPv6",
        ),
    ],
)
def test_a_worker_s_identity_is_kept_from_pods(tmp_path: Path, ipv6: bool, then: list[str]) -> None:
    if ipv6:
        (tmp_path / "proc/net").mkdir(parents=True)
        (tmp_path / "proc/net/if_inet6").touch()
    kernel = Kernel(has=False)
    close_metadata(MACHINE.config.pod_range, kernel, tmp_path)
    put_in = [call for call in kernel.calls if "-I" in call]
    assert put_in == [*(f"iptables -w 10 -t raw -I {OPEN.format(each)}" for each in ("tcp", "udp")), *then]


def test_one_line_for_the_shell_does_the_same() -> None:
    programs = "iptables() { echo $*; test $5 != -C; }\n"
    done = subprocess.run(
        ["/bin/sh", "-c", programs + closing(MACHINE.config.pod_range)],
        capture_output=True,
        text=True,
        check=True,
    )
    asked = [(how, OPEN.format(each)) for each in ("tcp", "udp") for how in ("-C", "-I")]
    assert done.stdout.splitlines() == [f"-w 10 -t raw {how} {rule}" for how, rule in asked]
