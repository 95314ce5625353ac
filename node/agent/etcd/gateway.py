"""etcd's JSON gateway (grpc-gateway under `/v3/`, api/etcdserverpb/rpc.proto), by mutual TLS on each member's own address.

64-bit numbers are decimal strings there; ids are hex in everything of ours, as in etcd's own logs. A learner answers
`status` only. Fields with zero values are left out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from node.contract import ports
from node.host.web import WebError, request
from node.planner.observed import EtcdMember

ASK_SECONDS = 2.0
CHANGE_SECONDS = 10.0
SNAPSHOT_SECONDS = 60.0
DEFRAGMENT_SECONDS = 240.0
"""Some 8 GiB on a slow disk. etcd finishes also if nobody waits for it any more."""

_DIGEST_BYTES = 32
_ALARM = re.compile(r"memberID:\s*(\d+)\s+alarm:\s*([A-Z]+)")


class EtcdError(Exception):
    """etcd refused, or did not answer in time."""


@dataclass(frozen=True)
class MemberStatus:
    """One member's word on itself. `leader` is a member id, empty while it knows none; `errors` are the alarms of the whole
    cluster, beside trouble of its own. Sizes are bytes; the quota is 0 where etcd doesn't tell it (before 3.6). `data` is
    the version of its storage, empty until it has decided on one.
    """

    member_id: str
    cluster_id: str
    leader: str
    term: int
    index: int
    applied: int
    revision: int
    learner: bool
    errors: tuple[str, ...]
    size: int = 0
    in_use: int = 0
    quota: int = 0
    version: str = ""
    data: str = ""

    @property
    def alarms(self) -> frozenset[tuple[str, str]]:
        """Member id and alarm, by the text of `AlarmMember`: the call that lists alarms goes through raft, which is too
        much for a look at each second.
        """
        return frozenset((_id(who), what) for error in self.errors for who, what in _ALARM.findall(error))

    @property
    def healthy(self) -> bool:
        """The member takes part. A member with a full database (NOSPACE) still decides on membership; a corrupt one must
        not be trusted.
        """
        return bool(self.leader) and not any("CORRUPT" in error for error in self.errors)


@dataclass(frozen=True)
class MemberList:
    """As the etcd that was asked has it, learners included."""

    cluster_id: str
    members: tuple[EtcdMember, ...]


def client_context(folder: Path) -> ssl.SSLContext:
    """Returns a context with the certificates as they lie in `folder` now. Raises OSError."""
    context = ssl.create_default_context(cafile=str(folder / "etcd-client-ca.crt"))
    context.load_cert_chain(folder / "etcd-client.crt", folder / "etcd-client.key")
    return context


class Gateway:
    """Calls name the address of the etcd that they go to, and raise EtcdError."""

    def __init__(self, context: ssl.SSLContext, port: int = ports.ETCD_CLIENT) -> None:
        self._context, self._port = context, port

    def at(self, port: int) -> Gateway:
        """Returns a gateway to an etcd that listens elsewhere than all others do."""
        return Gateway(self._context, port)

    def status(self, address: str) -> MemberStatus:
        answer = self._call(address, "maintenance/status", {}, ASK_SECONDS)
        header = answer["header"]
        return MemberStatus(
            member_id=_id(header["member_id"]),
            cluster_id=_id(header["cluster_id"]),
            leader="" if int(answer.get("leader", 0)) == 0 else _id(answer["leader"]),
            term=int(answer.get("raftTerm", 0)),
            index=int(answer.get("raftIndex", 0)),
            applied=int(answer.get("raftAppliedIndex", 0)),
            revision=int(header.get("revision", 0)),
            learner=bool(answer.get("isLearner")),
            errors=tuple(answer.get("errors") or ()),
            size=int(answer.get("dbSize", 0)),
            in_use=int(answer.get("dbSizeInUse", 0)),
            quota=int(answer.get("dbSizeQuota", 0)),
            version=str(answer.get("version", "")),
            data=str(answer.get("storageVersion", "")),
        )

    def members(self, address: str) -> MemberList:
        """Linearizable: what a quorum agrees on, or an error."""
        answer = self._call(address, "cluster/member/list", {"linearizable": True}, ASK_SECONDS)
        return MemberList(
            _id(answer["header"]["cluster_id"]), tuple(_member(each) for each in answer.get("members", []))
        )

    def page(self, address: str, begin: str, end: str, limit: int) -> list[tuple[str, bytes]]:
        """Keys from `begin` up to `end`, and their values as etcd has them; `limit` at most. Linearizable."""
        bounds = [base64.b64encode(each.encode()).decode() for each in (begin, end)]
        body = {"key": bounds[0], "range_end": bounds[1], "limit": limit}
        answer = self._call(address, "kv/range", body, CHANGE_SECONDS)
        return [
            (base64.b64decode(each["key"]).decode(), base64.b64decode(each.get("value", "")))
            for each in answer.get("kvs", [])
        ]

    def add_learner(self, address: str, url: str) -> str:
        """Returns the new member's id."""
        body = {"peerURLs": [url], "isLearner": True}
        return _id(self._call(address, "cluster/member/add", body, CHANGE_SECONDS)["member"]["ID"])

    def promote(self, address: str, member_id: str) -> None:
        self._call(address, "cluster/member/promote", {"ID": _decimal(member_id)}, CHANGE_SECONDS)

    def remove(self, address: str, member_id: str) -> None:
        self._call(address, "cluster/member/remove", {"ID": _decimal(member_id)}, CHANGE_SECONDS)

    def move_leader(self, address: str, member_id: str) -> None:
        """Only the leader itself answers this."""
        body = {"targetID": _decimal(member_id)}
        self._call(address, "maintenance/transfer-leadership", body, CHANGE_SECONDS)

    def defragment(self, address: str) -> None:
        """Defragments the member at this address. Returns when it is done."""
        self._call(address, "maintenance/defragment", {}, DEFRAGMENT_SECONDS)

    def lift_alarm(self, address: str, member_id: str, alarm: str) -> None:
        body = {"action": "DEACTIVATE", "memberID": _decimal(member_id), "alarm": alarm}
        self._call(address, "maintenance/alarm", body, CHANGE_SECONDS)

    def snapshot(self, address: str, into: BinaryIO) -> None:
        """The whole database, followed by its SHA-256, as `etcdctl snapshot save` has it; checked by that digest."""
        parts = _Parts(into)
        self._request(address, "maintenance/snapshot", {}, SNAPSHOT_SECONDS, parts)
        parts.finish()

    def _call(self, address: str, path: str, body: dict[str, Any], seconds: float) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = json.loads(self._request(address, path, body, seconds))
        except ValueError:
            raise EtcdError(f"etcd at {address}: {path} answered with something else than JSON") from None
        return answer

    def _request(
        self, address: str, path: str, body: dict[str, Any], seconds: float, sink: _Parts | None = None
    ) -> bytes:
        url = f"https://{address}:{self._port}/v3/{path}"
        try:
            reply = request(
                "POST",
                url,
                body=json.dumps(body).encode(),
                timeout=seconds,
                context=self._context,
                sink=sink,
            )
        except WebError as error:
            raise EtcdError(f"etcd at {address}: {_said(error)}") from None
        return reply.body


class _Parts:
    """Takes the gateway's stream, one JSON object a line with a base64 `blob`, and writes the bytes."""

    def __init__(self, into: BinaryIO) -> None:
        self._into, self._rest = into, b""
        self._digest, self._tail = hashlib.sha256(), b""

    def write(self, chunk: bytes) -> int:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._take(line)
        return len(chunk)

    def finish(self) -> None:
        if self._rest.strip():
            self._take(self._rest)
        if self._digest.digest() != self._tail:
            raise EtcdError("etcd's snapshot was cut off or damaged: its digest differs")

    def _take(self, line: bytes) -> None:
        part = json.loads(line)
        if "error" in part:
            raise EtcdError(f"etcd broke off its snapshot: {part['error'].get('message')}")
        blob = base64.b64decode(part["result"].get("blob", ""))
        self._into.write(blob)
        held = self._tail + blob
        self._digest.update(held[:-_DIGEST_BYTES])
        self._tail = held[-_DIGEST_BYTES:]


def _member(raw: dict[str, Any]) -> EtcdMember:
    name = str(raw.get("name", ""))
    url = next(iter(raw.get("peerURLs") or []), "")
    return EtcdMember(_id(raw["ID"]), name, url, "learner" if raw.get("isLearner") else "voter", bool(name))


def _id(decimal: str) -> str:
    return f"{int(decimal):x}"


def _decimal(member_id: str) -> str:
    return str(int(member_id, 16))


def _said(error: WebError) -> str:
    """Returns the gateway's own message, where it gave one."""
    text = str(error)
    brace = text.find("{")
    try:
        return str(json.loads(text[brace:])["message"])
    except (ValueError, KeyError, TypeError):
        return text
