"""The program under the real engine and the real providers, against a simulator of its own.

Each `Cloud` is a simulator process with its state in a folder; each `Stack` a stack of the program in it, as an operator
has one: its own backend, its own config file, nothing shared with the developer's lab.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import requests
import yaml

from lab.environment import WHOLE_FILES, endpoints
from lab.toolchain import Toolchain
from tests import warm
from tests.stack.invariants import BUCKET

ROOT = Path(__file__).parents[2]
PROJECT, REGION, CLUSTER = "lab-project", "europe-west1", "dev"
START_DEADLINE_SECONDS = 30
COMMAND_DEADLINE_SECONDS = 300
GARBAGE_PERCENT = "400"
"""Of the engine's and the providers' Go: memory is there, and they live for seconds (https://pkg.go.dev/runtime)."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key by which the engine knows a secret in a state (`sdk/go/common/resource/sig`)."""

Replicas = Sequence[str]
"""Replicas as `name/zone letter`, `m1/b` for `m1` in `europe-west1-b`."""


@dataclass(frozen=True)
class Cloud:
    """A running simulator."""

    url: str
    process: subprocess.Popen[bytes]
    since: int = 0
    """Where in the journal its story begins: a copied cloud has another one's before."""

    def entries(self, after: int | None = None) -> list[dict[str, Any]]:
        """The journal, oldest first: from its beginning, or `after` an entry."""
        after = self.since if after is None else after
        found: list[dict[str, Any]] = []
        while True:
            page = self._get(f"journal?after={after}")
            if not page["entries"]:
                return found
            found += page["entries"]
            after = page["last"]

    def last(self) -> int:
        entries = self.entries()
        return int(entries[-1]["seq"]) if entries else self.since

    def facts(self) -> dict[str, Any]:
        return self._get("facts")

    def etcd(self) -> dict[str, Any]:
        """What the modelled masters' etcd is: `voters`, `healthy` and so on, as facts have it."""
        return dict(self.facts()["guestModel"][BUCKET])

    def voters(self) -> list[str]:
        return list(self.etcd()["voters"])

    def rule(self) -> dict[str, str]:
        """The forwarding rule that holds the API's address."""
        return dict(self.facts()["forwardingRules"]["dev-api"])

    def fault(self, **order: Any) -> dict[str, Any]:
        reply = requests.post(f"{self.url}/lab/v1/faults", json=order, timeout=10)
        reply.raise_for_status()
        return dict(reply.json())

    def pace(self, **seconds: float) -> None:
        """How long things take on modelled machines; all else as the profile has it."""
        requests.put(f"{self.url}/lab/v1/guests/pace", json=seconds, timeout=10).raise_for_status()

    def fault_guest(self, instance: str, kind: str, **more: Any) -> None:
        """As `lab.guest_model.faults` describes them."""
        url = f"{self.url}/lab/v1/guests/{instance}/fault"
        requests.post(url, json={"kind": kind} | more, timeout=10).raise_for_status()

    def has_fired(self) -> bool:
        """Whether a fault that was ordered has befallen its call."""
        return any(each["fired"] for each in self._get("faults")["faults"])

    def clear_faults(self) -> None:
        requests.delete(f"{self.url}/lab/v1/faults", timeout=10).raise_for_status()

    def typed(self, command: str) -> None:
        """The journal learns what the operator types, for a `destroy` ends what is promised."""
        event = {"kind": "operator", "data": {"typed": command}}
        requests.post(f"{self.url}/lab/v1/journal", json=event, timeout=30).raise_for_status()

    def compute(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        url = f"{self.url}/compute/v1/projects/{PROJECT}/{path}"
        reply = requests.request(method, url, timeout=30, **kwargs)
        reply.raise_for_status()
        return dict(reply.json())

    def end(self) -> None:
        """Its files are whole from now on; it may be called twice."""
        _end(self.process)

    def _get(self, path: str) -> dict[str, Any]:
        reply = requests.get(f"{self.url}/lab/v1/{path}", timeout=30)
        reply.raise_for_status()
        return dict(reply.json())


@contextmanager
def cloud(
    folder: Path, profile: str = "instant", guests: str = "model", program: Path = ROOT
) -> Iterator[Cloud]:
    """A simulator for as long as the block runs. `guests`: what its VMs are, as for `lab up`; `program`: whose they are."""
    folder.mkdir(parents=True, exist_ok=True)
    # Releases of before 0.2 start it by another name.
    module = "lab.serve" if (program / "lab" / "serve.py").exists() else "lab.simulator"
    command = [sys.executable, "-m", module, "--state", str(folder), "--profile", profile]
    command += ["--project", PROJECT, "--region", REGION, "--guests", guests]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=program, stdout=log, stderr=log)
    try:
        yield Cloud(_endpoint(folder, process), process)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=START_DEADLINE_SECONDS)


def _endpoint(folder: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_DEADLINE_SECONDS
    file = folder / "endpoint.json"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if file.exists():
            said = json.loads(file.read_text())
            if said["pid"] == process.pid:
                return str(said["url"])
        time.sleep(0.05)
    raise RuntimeError(f"the simulator did not come up:\n{(folder / 'log').read_text()}")


@dataclass(frozen=True)
class Outcome:
    """What one command of the engine did."""

    code: int
    output: str
    seconds: float


@dataclass
class Stack:
    """A stack of the program, in a folder of its own."""

    folder: Path
    cloud: Cloud
    toolchain: Toolchain
    name: str = "test"
    config: dict[str, Any] = field(default_factory=dict)
    gate_deadline_seconds: int = 60
    command_deadline_seconds: int = COMMAND_DEADLINE_SECONDS
    variables: dict[str, str] = field(default_factory=dict)
    """What the operator has in the environment besides, or instead."""
    records_each_step: bool = True
    """Otherwise the engine writes its state once, at an update's end: half its seconds, if nobody interrupts it."""
    hurries: bool = True
    """Its Python has the SDK loaded already, and its Go collects garbage late. Figures for people are taken without."""
    _turns: Iterator[int] = field(default_factory=count, repr=False)

    def create(self, program: Path = ROOT) -> Stack:
        self.folder.mkdir(parents=True)
        warm.virtualenv(self.folder / ".venv")
        self.use(program)
        (self.folder / "backend").mkdir()
        self.configure(["m1/b"])
        self.run("stack", "init", self.name)
        return self

    def use(self, program: Path) -> None:
        """Its next command runs the program of that folder."""
        for part in ("Pulumi.yaml", "__main__.py", "admin", "components", "node", "policies"):
            (self.folder / part).unlink(missing_ok=True)
            (self.folder / part).symlink_to(program / part)

    @property
    def environment(self) -> dict[str, str]:
        """Of its next command."""
        last_only = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        return {
            **os.environ,
            **self.toolchain.environment(),
            **(self._hurry() if self.hurries else {}),
            **({} if self.records_each_step else last_only),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}?{WHOLE_FILES}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_STACK": self.name,
            "GOOGLE_OAUTH_ACCESS_TOKEN": "lab-owner",
            **endpoints(self.cloud.url),
            "HA_MASTERS_GATE_DEADLINE_SECONDS": str(self.gate_deadline_seconds),
            **self.variables,
        }

    def _hurry(self) -> dict[str, str]:
        python = str(self.folder / ".venv/bin/python")
        return {**warm.variables(next(self._turns)), "HA_MASTERS_PYTHON": python, "GOGC": GARBAGE_PERCENT}

    def run(self, *arguments: str, check: bool = True) -> Outcome:
        """One command of the engine; its whole output is in the failure if `check` fails."""
        self.cloud.typed(f"pulumi {' '.join(arguments)}")
        start = time.monotonic()
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=self.command_deadline_seconds,
            check=False,
        )
        outcome = Outcome(done.returncode, done.stdout, time.monotonic() - start)
        if check:
            assert outcome.code == 0, f"pulumi {' '.join(arguments)}:\n{outcome.output}"
        return outcome

    def up(self, replicas: Replicas, *flags: str, check: bool = True, **config: Any) -> Outcome:
        self.configure(replicas, **config)
        return self.run("up", "--yes", "--skip-preview", *flags, check=check)

    def preview(self, replicas: Replicas, *flags: str, check: bool = True, **config: Any) -> Outcome:
        self.configure(replicas, **config)
        return self.run("preview", *flags, check=check)

    def settled(self) -> None:
        """A second `up` changes nothing, and its refresh, with which it begins, finds no drift."""
        before = self.recorded()
        self.run("up", "--yes", "--skip-preview", "--expect-no-changes")
        assert self.recorded() == before

    def recorded(self) -> dict[str, Any]:
        """Each resource of the state by id and inputs. Of a secret only that it is one: it is encrypted anew."""
        file = self.folder / "backend/.pulumi/stacks/ha-masters" / f"{self.name}.json"
        resources = json.loads(file.read_text(), object_hook=_without_secret)["checkpoint"]["latest"][
            "resources"
        ]
        return {each["urn"]: (each.get("id"), each.get("inputs")) for each in resources}

    def destroy(self) -> Outcome:
        """As the guide says: the address is protected until somebody means it."""
        self.run("state", "unprotect", "--all", "--yes")
        return self.run("destroy", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        return dict(json.loads(self.run("stack", "output", "--json").output))

    def inventory(self) -> list[str]:
        """Type and name of every resource in the state, sorted."""
        exported = json.loads(self.run("stack", "export").output)
        return sorted(
            "::".join(resource["urn"].split("::")[2:])
            for resource in exported["deployment"].get("resources", ())
        )

    @property
    def config_file(self) -> Path:
        return self.folder / f"Pulumi.{self.name}.yaml"

    def configure(self, replicas: Replicas, **config: Any) -> None:
        """Writes the stack's config file, as an operator edits it."""
        listed = [
            {"name": name, "zone": f"{REGION}-{letter}"}
            for name, letter in (replica.split("/") for replica in replicas)
        ]
        keys = {"clusterName": CLUSTER, "replicas": listed, **self.config, **config}
        file = self.config_file
        salt = yaml.safe_load(file.read_text()).get("encryptionsalt") if file.exists() else None
        document: dict[str, Any] = {
            "config": {
                "gcp:project": PROJECT,
                "gcp:region": REGION,
                **{key if ":" in key else f"ha-masters:{key}": value for key, value in keys.items()},
            }
        }
        if salt:
            document["encryptionsalt"] = salt
        file.write_text(yaml.safe_dump(document))


def _without_secret(document: dict[str, Any]) -> dict[str, Any]:
    return {_SIGNATURE: document[_SIGNATURE]} if _SIGNATURE in document else document


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
