"""Runs the program against a monitor that remembers what the SDK's own mocks forget: options and dependencies.

`MockResourceArgs` has a resource's type and inputs only, so with it a forgotten `depends_on` passes every test. Here
the request that the engine would have got is kept whole.
"""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import runpy
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
from pulumi.runtime import mocks, rpc, stack
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import SETTINGS

from components.addons import way
from components.google.provider_config import ENDPOINTS
from tests.components.pins import PUBLIC_KEY

PROGRAM = Path(__file__).parents[2] / "__main__.py"
NOBODY = "http://127.0.0.1:1/"
"""Where the program's own look at the cluster finds nobody, at once."""


NAT_ADDRESS = "203.0.113.11"
RESERVED_ADDRESS = "203.0.113.99"
"""What an address is that stood before the stack."""


@dataclass(frozen=True)
class Registered:
    """One resource as the engine would have been told of it. URNs are shortened to logical names."""

    type: str
    name: str
    parent: str
    inputs: Mapping[str, Any]
    dependencies: frozenset[str]
    property_dependencies: Mapping[str, frozenset[str]]
    protect: bool
    delete_before_replace: bool | None
    retain_on_delete: bool
    replace_with: frozenset[str]
    deleted_with: str
    provider: str
    ignore_changes: frozenset[str]
    aliases: frozenset[str]


@dataclass(frozen=True)
class Run:
    """Everything that one run of the program registered, by logical name."""

    resources: Mapping[str, Registered]
    outputs: Mapping[str, Any]

    def __getitem__(self, name: str) -> Registered:
        return self.resources[name]

    def __contains__(self, name: str) -> bool:
        return name in self.resources

    def of_type(self, type_: str) -> list[Registered]:
        return [resource for resource in self.resources.values() if resource.type == type_]

    def paths(self) -> int:
        """How many paths of dependencies begin at the resource that has most, each walked once for every mention."""

        @cache
        def walked(name: str) -> int:
            each = self[name]
            on = [*each.dependencies, *each.replace_with, each.deleted_with, each.provider]
            on += [one for some in each.property_dependencies.values() for one in some]
            return 1 + sum(walked(one) for one in on if one in self)

        return max(map(walked, self.resources))

    def waits_for(self, name: str) -> set[str]:
        """All that must have been done before `name`: dependencies, parents' dependencies, and theirs in turn."""
        seen: set[str] = set()
        queue = [name]
        while queue:
            for dependency in self.resources[queue.pop()].dependencies:
                if dependency not in seen and dependency in self.resources:
                    seen.add(dependency)
                    queue.append(dependency)
        return seen


class _Cloud(Mocks):
    """Answers with what Google and the TLS provider would fill in."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        outputs = dict(args.inputs)
        name = str(outputs.get("name", args.name))
        outputs.setdefault("name", name)
        outputs["selfLink"] = f"https://www.googleapis.com/compute/v1/{name}"
        match args.typ:
            case "gcp:compute/address:Address":
                internal = outputs["addressType"] == "INTERNAL"
                public = NAT_ADDRESS if name.endswith("-nat") else "203.0.113.10"
                outputs["address"] = _private_address(name) if internal else public
            case "gcp:compute/instance:Instance":
                outputs["instanceId"] = str(1000 + _octet(name))
            case "gcp:compute/disk:Disk":
                outputs["diskId"] = str(2000 + _octet(name))
            case "gcp:serviceaccount/account:Account":
                email = f"{outputs['accountId']}@lab-project.iam.gserviceaccount.com"
                outputs |= {"email": email, "member": f"serviceAccount:{email}"}
            case "tls:index/privateKey:PrivateKey":
                outputs |= {"privateKeyPem": f"key of {args.name}", "publicKeyPem": PUBLIC_KEY}
            case "tls:index/certRequest:CertRequest":
                outputs["certRequestPem"] = f"request {args.name}"
            case "tls:index/selfSignedCert:SelfSignedCert" | "tls:index/locallySignedCert:LocallySignedCert":
                outputs |= {"certPem": f"certificate {args.name}", "validityEndTime": "2027-11-21T00:00:00Z"}
        return f"{args.name}-id", outputs

    def __init__(self, standing: Sequence[str], disks: Sequence[str]) -> None:
        self.standing, self.disks = standing, disks

    def call(self, args: MockCallArgs) -> dict[str, Any]:
        if args.token == "gcp:dns/getManagedZone:getManagedZone":
            return {"dnsName": "example.com."}
        if args.token == "gcp:compute/getAddress:getAddress":
            return {
                "address": RESERVED_ADDRESS,
                "addressType": "EXTERNAL",
                "networkTier": "PREMIUM",
                "users": "",
            }
        if args.token != "pulumi:pulumi:readStackResourceOutputs":
            return {}
        state = {
            identity: {
                "type": "gcp:compute/instance:Instance",
                "outputs": {"metadata": {"replica": identity}, "zone": f"europe-west1-{identity[-1]}"},
            }
            for identity in self.standing
        }
        disks = {
            f"urn:pulumi:test::ha-masters::gcp:compute/disk:Disk::{identity}-data": {
                "type": "gcp:compute/disk:Disk",
                "outputs": {"type": "pd-ssd", "size": 20},
            }
            for identity in self.disks
        }
        return {"outputs": state | disks}


class _Recorder(MockMonitor):
    def __init__(self, cloud: Mocks, failing: str) -> None:
        super().__init__(cloud)
        self.requests: list[Any] = []
        self._failing = failing

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  (the name is gRPC's)
        self.requests.append(request)
        answer = super().RegisterResource(request)
        if request.name == self._failing:
            answer.result = resource_pb2.Result.FAIL
        return answer


def run_program(
    config: Mapping[str, str], standing: Sequence[str] = (), disks: Sequence[str] = (), failing: str = ""
) -> Run:
    """Runs `__main__.py` with this config (`ha-masters:replicas` and so on, JSON where a value isn't a string).

    `standing` are the identities whose machines the state holds already, `disks` those whose data disk it holds. Of a
    resource that is `failing` the engine says so, as in an update with `--continue-on-error`: what waits for it, recorded
    or not, is never registered. Such a run has no outputs.
    """
    recorder = _Recorder(_Cloud(standing, disks), failing)
    asyncio.set_event_loop(asyncio.new_event_loop())
    mocks.set_mocks(recorder.mocks, project="ha-masters", stack="test", preview=False, monitor=recorder)
    pulumi.runtime.set_all_config({"gcp:project": "lab-project", "gcp:region": "europe-west1", **config})
    exported: dict[str, Any] = {}

    def program() -> None:
        runpy.run_path(str(PROGRAM), run_name="__main__")

    original = pulumi.export
    pulumi.export = exported.__setitem__  # type: ignore[assignment]
    away = {"GOOGLE_OAUTH_ACCESS_TOKEN": "none"} | {
        f"GOOGLE_{service.upper()}_CUSTOM_ENDPOINT": NOBODY for service in ENDPOINTS
    }
    looking = mock.patch.dict(os.environ, away)
    looking.start()
    # Each dynamic resource's serialization wraps the pickler's method once more and for good: in the end, too deep.
    pickling = mock.patch.object(pickle._Pickler, "_batch_setitems", pickle._Pickler._batch_setitems)  # type: ignore[attr-defined]
    pickling.start()
    reaching = mock.patch.object(way, "look", return_value="")
    reaching.start()
    try:
        running = _what_can_be(program) if failing else stack.run_pulumi_func(program)
        asyncio.get_event_loop().run_until_complete(running)
        values = {
            name: asyncio.get_event_loop().run_until_complete(pulumi.Output.from_input(value).future())
            for name, value in exported.items()
            if not failing
        }
    finally:
        reaching.stop()
        pickling.stop()
        looking.stop()
        pulumi.export = original
        gc.unfreeze()  # The program's process would end now; this one goes on.
        gc.enable()
    registered = [_registered(request) for request in recorder.requests]
    duplicates = {each.name for each in registered if [r.name for r in registered].count(each.name) > 1}
    assert not duplicates, f"logical names used twice: {sorted(duplicates)}"
    return Run({each.name: each for each in registered}, values)


async def _what_can_be(program: Callable[[], None]) -> None:
    """Runs it to where everything that is left stands on a resource that failed."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    program()
    manager = SETTINGS.rpc_manager
    while manager.rpcs:
        with suppress(stack.ResourceRegistrationFailed):
            await stack.wait_for_rpcs(await_all_outstanding_tasks=False)
        manager.unhandled_exception = None
    SETTINGS.outputs.clear()  # The rest would be waited for at the end of the next program.


def _registered(request: Any) -> Registered:
    return Registered(
        type=request.type,
        name=request.name,
        parent=_name(request.parent),
        inputs=rpc.deserialize_properties(request.object, keep_unknowns=True),
        dependencies=frozenset(map(_name, request.dependencies)),
        property_dependencies={
            key: frozenset(map(_name, value.urns)) for key, value in request.propertyDependencies.items()
        },
        protect=request.protect,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        retain_on_delete=request.retainOnDelete,
        replace_with=frozenset(map(_name, request.replace_with)),
        deleted_with=_name(request.deletedWith),
        provider=_name(request.provider.rpartition("::")[0]),
        ignore_changes=frozenset(request.ignoreChanges),
        aliases=frozenset(alias.spec.type for alias in request.aliases),
    )


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _private_address(name: str) -> str:
    """Another one for another name: what two machines share, `Members` refuses."""
    number = zlib.crc32(name.encode())
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _octet(name: str) -> int:
    """The same number for the same name, so that two runs agree."""
    return 2 + sum(name.encode()) % 200
