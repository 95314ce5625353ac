"""What is read of Kubernetes' module, and how its tests are dealt."""

from __future__ import annotations

from tests.conformance import upstream
from tests.conformance.running import CHUNK, chunks
from tests.conformance.upstream import Test

MANIFEST = """
		GcRegistry:               "registry.k8s.io",
		PromoterE2eRegistry:      "registry.k8s.io/e2e-test-images",
	configs[Agnhost] = Config{list.PromoterE2eRegistry, "agnhost", "2.63.0"}
	configs[Pause] = Config{list.GcRegistry, "pause", "3.10.2"}
"""
LIST = """
- testname: DNS
  codename: '[sig-network] DNS should provide
    names [Conformance]'
  file: test/e2e/network/dns.go
- testname: Eviction
  codename: '[sig-node] Taints [Serial] evicts [Disruptive] [Conformance]'
  file: test/e2e/node/taints.go, test/e2e/node/other.go
"""


def test_images_are_named() -> None:
    assert upstream.named(MANIFEST) == {
        "Agnhost": "registry.k8s.io/e2e-test-images/agnhost:2.63.0",
        "Pause": "registry.k8s.io/pause:3.10.2",
    }


def test_tests_are_listed() -> None:
    dns, taints = upstream.tests(LIST)
    assert (dns.name, dns.area, dns.alone) == (
        "[sig-network] DNS should provide names [Conformance]",
        "network",
        False,
    )
    assert (taints.file, taints.area, taints.alone) == ("test/e2e/node/taints.go", "node", True)


def test_each_test_is_dealt_once_and_what_runs_alone_last() -> None:
    beside = [Test(f"[sig-node] {number}", "pods.go") for number in range(2 * CHUNK + 1)]
    alone = [Test(f"[sig-node] [Serial] {number}", "taints.go") for number in range(3)]
    dealt = chunks([*alone, *beside])
    assert max(map(len, dealt)) <= CHUNK
    assert dealt[-1] == alone
    assert {test for chunk in dealt[:-1] for test in chunk} == set(beside)
    assert sum(map(len, dealt)) == len(alone) + len(beside)
