"""Secrets follow a change of their encryption key: what another than the first key wrote is written anew.

An apiserver decrypts by each key that it has, and writes by the first. It skips an update that changes nothing, unless the
object was stored by another key (apiserver/pkg/storage/etcd3/store.go, `stale`): so what was read is written as it is. By
which key a Secret is stored says the name in front of its value in etcd.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from node.contract.metadata import Machine
from node.contract.secret_files import ENCRYPTION_KEYS
from node.contract.status import Encryption
from node.host import paths
from node.host.files import under
from node.manifests.apiserver_files import key_name

REST_SECONDS = 30.0
"""Between two counts, each of which reads all Secrets; only while there are two keys."""

PAGE = 200
AT_ONCE = 100
"""Secrets written anew in one look: the agent has else to do."""

_BEGIN, _END = "/registry/secrets/", "/registry/secrets0"
_PREFIX = b"k8s:enc:secretbox:v1:"


class Etcd(Protocol):
    def page(self, address: str, begin: str, end: str, limit: int) -> list[tuple[str, bytes]]: ...


class Apiserver(Protocol):
    def write_again(self, path: str) -> None: ...


@dataclass(frozen=True)
class Stored:
    """`counts` by the key's number, 0 for none of ours; `behind` are paths in the API of those that the first key didn't
    write, some of them at most.
    """

    counts: Mapping[int, int] = field(default_factory=dict)
    behind: tuple[str, ...] = ()


class Reencryption:
    """`counted` is None until the first count, and again once there is one key alone, or after `forget`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._next = float("-inf")
        self._behind = 0
        self.counted: Encryption | None = None

    def tend(self, machine: Machine, etcd: Etcd, apiserver: Callable[[], Apiserver], now: float) -> str:
        """Counts, and has some Secrets written anew. Says what it did. `now` is a monotonic time. `apiserver` is asked for
        only where there is something to write. Raises EtcdError, WebError and OSError.
        """
        numbers = machine.api_server.encryption_keys
        if len(numbers) < 2:
            self.counted = None
            return ""
        if now < self._next:
            return ""
        self._next = now + REST_SECONDS
        names = self._names(numbers)
        stored = look(etcd, machine.address, names, numbers[0])
        self.counted = Encryption(
            tuple((number, stored.counts.get(number, 0)) for number in numbers), stored.counts.get(0, 0)
        )
        if stored.behind:
            client = apiserver()
            for path in stored.behind:
                client.write_again(path)
        before, self._behind = self._behind, sum(stored.counts.values()) - stored.counts.get(numbers[0], 0)
        if not stored.behind:
            return ""
        if self._behind != before:  # Else the apiserver writes by another key as yet.
            self._next = now
        return f"has {len(stored.behind)} Secrets encrypted anew, by key {numbers[0]}"

    def forget(self) -> None:
        """What was counted, which says nothing any more once another machine leads: it counts anew when it leads again."""
        self.counted, self._next = None, float("-inf")

    def _names(self, numbers: Sequence[int]) -> dict[bytes, int]:
        """Returns what stands in front of values, by key."""
        found = {}
        for number, file in zip(numbers, ENCRYPTION_KEYS, strict=False):
            key = under(self._root, paths.secret(file)).read_text()
            found[_PREFIX + key_name(key).encode() + b":"] = number
        return found


def look(etcd: Etcd, address: str, names: Mapping[bytes, int], first: int) -> Stored:
    """Goes through all Secrets, page by page."""
    counts: Counter[int] = Counter()
    behind: list[str] = []
    begin = _BEGIN
    while page := etcd.page(address, begin, _END, PAGE):
        for key, value in page:
            number = next((each for name, each in names.items() if value.startswith(name)), 0)
            counts[number] += 1
            if number != first and len(behind) < AT_ONCE:
                namespace, _, name = key.removeprefix(_BEGIN).partition("/")
                behind.append(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        begin = page[-1][0] + "\0"
    return Stored(counts, tuple(behind))
