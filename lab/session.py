"""One lab: its folder, its port, its simulator process.

    session = Session.named(None)
    session.up()
    subprocess.run(["pulumi", "up"], env=os.environ | session.environment())

Everything of a lab lies in `~/.local/state/ha-masters/labs/<name>`:

settings.json   port, profile, guests, project, region: chosen at the first `up`, kept until `reset`
process.json    pid and start time of the simulator, while it runs
simulator/      its state and endpoint.json; machines/ below it: disks and consoles;  simulator.log  what it said
kubeconfig      of the stack that was asked for last
backend/, pulumi/, gcloud/, token   what `lab env` points at
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import requests

from lab import environment, process
from lab.files import read_json, write_json
from lab.machines import leftovers, tag
from lab.settings import (
    CLONE,
    LabError,
    Settings,
    check_name,
    choose_port,
    default_name,
    free,
    labs,
)

_START_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_ORDER_SECONDS = 120.0
"""A fault is answered when it has taken effect."""


@dataclass(frozen=True)
class Status:
    running: bool
    url: str
    pid: int | None
    settings: Settings
    healthy: bool
    instances: dict[str, str]
    """Name of each VM, and its status as GCE has it."""
    machines: dict[str, int | None]
    """Name of each VM that is a machine, and the bytes of memory that it uses; None while it is off."""


class Session:
    def __init__(self, name: str) -> None:
        self.name = check_name(name)
        self.state = labs() / name

    @classmethod
    def named(cls, name: str | None) -> Session:
        return cls(name or default_name())

    @property
    def log(self) -> Path:
        return self.state / "simulator.log"

    @property
    def machines(self) -> Path:
        """Disks and consoles of machines."""
        return self.state / "simulator" / "machines"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def has_machines(self) -> bool:
        settings = self.settings
        return settings is not None and settings.guests == "machines"

    @property
    def settings(self) -> Settings | None:
        """None before the first `up`."""
        found = read_json(self.state / "settings.json")
        return (
            Settings(**{k: v for k, v in found.items() if k in Settings.__annotations__}) if found else None
        )

    @property
    def url(self) -> str:
        settings = self.settings
        return f"http://127.0.0.1:{settings.port}" if settings else ""

    def running(self) -> process.Identity | None:
        """The simulator, if the one that this lab started still runs."""
        recorded = self._recorded()
        return recorded if recorded and recorded.alive() else None

    def up(self, *, profile: str | None = None, guests: str | None = None, port: int | None = None) -> bool:
        """Starts the simulator, or changes what can be changed of a running one. Returns False if it ran already."""
        with self._locked():
            settings = self._settle(profile, guests, port)
            if self.running():
                if profile:
                    self.ask("POST", "/lab/v1/profile", {"profile": profile})
                return False
            self._clean()
            if not free(settings.port):
                raise LabError(
                    f"Port {settings.port} of lab {self.name} is taken by another program."
                    " Stop that one, or choose another port: lab up --port PORT"
                )
            self._start(settings)
            return True

    def down(self) -> bool:
        """Stops what `up` started; state stays. Returns False if nothing ran."""
        with self._locked():
            return self._clean()

    def reset(self) -> None:
        """Stops it, and throws all state away, Pulumi's too."""
        with self._locked():
            self._clean()
            shutil.rmtree(self.state)

    def status(self) -> Status:
        settings = self.settings
        if settings is None:
            raise LabError(f"There is no lab {self.name} yet. Make it: lab up")
        runs = self.running()
        healthy, instances, machines = False, {}, {}
        if runs:
            try:
                health = requests.get(f"{self.url}/lab/v1/health", timeout=5).json()
                healthy = health["pid"] == runs.pid
                settings = replace(settings, profile=health["profile"])
                facts = requests.get(f"{self.url}/lab/v1/facts", timeout=5).json()
                instances = {name: vm["status"] for name, vm in facts["instances"].items()}
                if settings.guests == "machines":
                    on = self.ask("GET", "/lab/v1/machines").json()["machines"]
                    machines = {
                        name: on.get(name, {}).get("memoryBytes") for name in sorted({*instances, *on})
                    }
            except (LabError, requests.RequestException, ValueError, KeyError):
                healthy = False
        pid = runs.pid if runs else None
        return Status(bool(runs), self.url, pid, settings, healthy, instances, machines)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """Calls the running simulator. Raises LabError if it is down, or with its own words if it refuses."""
        try:
            reply = requests.request(method, self.url + path, json=body, timeout=_ORDER_SECONDS)
        except requests.RequestException as error:
            raise LabError(f"Lab {self.name} gives no answer: {error}") from error
        if not reply.ok:
            try:
                said = str(reply.json()["error"])
            except (ValueError, KeyError, TypeError):
                said = reply.text.strip()
            raise LabError(said or f"{path}: {reply.status_code}")
        return reply

    def remember_toolchain(self, bin_: Path, home: Path | None, variables: dict[str, str]) -> None:
        """Spares `environment` a look at the toolchain. PATH and the engine's home are the lab's own business."""
        kept = {k: v for k, v in variables.items() if k not in ("PATH", "PULUMI_HOME")}
        self.state.mkdir(parents=True, exist_ok=True)
        environment.prepare(self.state, home / "plugins" if home else None)
        write_json(self.state / "toolchain.json", {"bin": str(bin_), "variables": kept})

    def toolchain_bin(self) -> Path | None:
        found = read_json(self.state / "toolchain.json")
        return Path(found["bin"]) if found else None

    def variables(self) -> dict[str, str]:
        """Returns the variables of the lab, all but PATH."""
        settings = self.settings
        if settings is None:
            raise LabError(f"There is no lab {self.name} yet. Make it: lab up")
        toolchain = read_json(self.state / "toolchain.json") or {"variables": {}}
        where = (self.url, settings.project, settings.region)
        made: dict[str, str] = dict(toolchain["variables"])
        made |= environment.google(*where) | environment.gcloud(*where, self.state)
        return made | environment.pulumi(self.state) | {"LAB_NAME": self.name}

    def environment(self) -> dict[str, str]:
        """A whole environment for a child process: this one's, without real credentials, pointed at the lab."""
        made = {k: v for k, v in os.environ.items() if k not in environment.FORGOTTEN} | self.variables()
        if bin_ := self.toolchain_bin():
            made["PATH"] = os.pathsep.join([str(bin_), made.get("PATH", os.defpath)])
        return made

    def _settle(self, profile: str | None, guests: str | None, port: int | None) -> Settings:
        known = self.settings
        settings = known or Settings(port=port or choose_port(self.name))
        settings = replace(
            settings,
            profile=profile or settings.profile,
            guests=guests or settings.guests,
            port=port or settings.port,
        )
        if known and self.running() and (settings.port, settings.guests) != (known.port, known.guests):
            raise LabError(f"Lab {self.name} is up; port and guests change after: lab down")
        write_json(self.state / "settings.json", asdict(settings))
        if not (self.state / "toolchain.json").exists():
            environment.prepare(self.state, None)
        return settings

    def _start(self, settings: Settings) -> None:
        command = [sys.executable, "-m", "lab.serve", "--state", str(self.state / "simulator")]
        command += ["--port", str(settings.port), "--profile", settings.profile]
        command += ["--project", settings.project, "--region", settings.region]
        if settings.guests != "none":
            command += ["--guests", settings.guests]
        before = self.log.stat().st_size if self.log.exists() else 0
        child, identity = process.start(command, cwd=CLONE, log=self.log, mark=str(self.state))
        write_json(self.state / "process.json", asdict(identity))
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if child.poll() is not None:
                said = self.log.read_bytes()[before:].decode(errors="replace").strip()
                (self.state / "process.json").unlink(missing_ok=True)
                raise LabError(f"The simulator ended at once (exit code {child.returncode}):\n{said[-3000:]}")
            if self._healthy(identity.pid):
                return
            if time.monotonic() > deadline:
                process.stop(identity, str(self.state))
                raise LabError(f"The simulator gave no answer in {_START_SECONDS:.0f} s. Its log: {self.log}")
            time.sleep(0.05)

    def _healthy(self, pid: int) -> bool:
        try:
            return bool(
                requests.get(f"{self.url}/lab/v1/health", timeout=_ANSWER_SECONDS).json()["pid"] == pid
            )
        except (requests.RequestException, ValueError, KeyError):
            return False

    def _clean(self) -> bool:
        """Stops what is recorded, if it is still the same, and removes what a crashed simulator left behind."""
        recorded = self._recorded()
        stopped = process.stop(recorded, str(self.state)) if recorded else False
        if recorded and recorded.alive():
            raise LabError(f"Process {recorded.pid} of lab {self.name} doesn't end.")
        (self.state / "process.json").unlink(missing_ok=True)
        if os.geteuid() == 0:
            leftovers.remove(tag(self.machines.parent), self.machines)
        return stopped

    def _recorded(self) -> process.Identity | None:
        found = read_json(self.state / "process.json")
        return process.Identity(int(found["pid"]), str(found["started"])) if found else None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lets one `up`, `down` or `reset` run at a time. The lock's file lies beside the lab's folder."""
        self.state.mkdir(parents=True, exist_ok=True)
        with self.state.with_name(f".{self.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.state.mkdir(parents=True, exist_ok=True)
            yield
