"""A stack of add-ons on the real engine, and the API server that they are for, on a network of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.environment import WHOLE_FILES
from lab.toolchain import Toolchain
from node.agent.kubernetes.apiserver_client import ApiserverClient
from tests.node.agent.world import API_ADDRESS
from tests.waiting import until

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("program")
URL = f"https://{API_ADDRESS}:443"
COMMAND_SECONDS = 300
"""An API that has gone is given a minute and a half by each update."""


@dataclass(frozen=True)
class Outcome:
    code: int
    output: str


@dataclass
class Stack:
    """In a folder of its own, where its add-ons' files lie."""

    folder: Path
    toolchain: Toolchain
    api: ApiserverClient

    def create(self, files: Mapping[str, str]) -> Stack:
        """`files` are the authority and the administrator's certificate and key."""
        shutil.copytree(PROGRAM, self.folder)
        (self.folder / "backend").mkdir()
        for name, text in files.items():
            (self.folder / name).write_text(text)
        self.ask()
        self.run("stack", "init", "test")
        return self

    def ask(self, *addons: Mapping[str, Any], **files: object) -> None:
        """Writes the list, and the add-ons' files: `web=[…]` is `web.yaml` with these objects."""
        for name, items in files.items():
            text = yaml.safe_dump_all(items) if isinstance(items, list) else str(items)
            (self.folder / f"{name}.yaml").write_text(text)
        file = self.folder / "Pulumi.test.yaml"
        before = yaml.safe_load(file.read_text()) if file.exists() else {}
        config = {"ha-masters:url": URL, "ha-masters:addons": list(addons)}
        file.write_text(yaml.safe_dump({**before, "config": config}))

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **self.toolchain.environment(),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}?{WHOLE_FILES}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_STACK": "test",
            "PYTHONPATH": str(ROOT),
        }

    def run(self, *arguments: str, check: bool = True) -> Outcome:
        done = self._started(*arguments)
        output, _ = done.communicate(timeout=COMMAND_SECONDS)
        print(f"\n$ pulumi {' '.join(arguments)}\n{output}")
        assert not check or done.returncode == 0, output
        return Outcome(done.returncode, output)

    def up(self, *flags: str, check: bool = True) -> Outcome:
        return self.run("up", "--yes", "--skip-preview", *flags, check=check)

    def killed_once(self, path: str) -> None:
        """An `up` that nobody can finish: it is killed as soon as the API has what stands at `path`."""
        engine = self._started("up", "--yes", "--skip-preview")
        until(path, lambda: self.found(path) or engine.poll() is not None, COMMAND_SECONDS)
        assert engine.poll() is None, engine.communicate()[0]
        os.killpg(engine.pid, signal.SIGKILL)
        engine.communicate()
        shutil.rmtree(self.folder / "backend/.pulumi/locks", ignore_errors=True)

    def found(self, path: str) -> dict[str, Any] | None:
        return self.api.get(path)

    def recorded(self) -> set[str]:
        """Names of the objects in the state."""
        state = json.loads(self.run("stack", "export").output)["deployment"]
        return {
            each["urn"].rpartition("::")[2]
            for each in state.get("resources", [])
            if each["type"].startswith("kubernetes:")
        }

    def _started(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def api_address(verb: str) -> None:
    """`del` takes the API's address off this network, `add` gives it back."""
    subprocess.run(["ip", "address", verb, f"{API_ADDRESS}/32", "dev", "lo"], check=True)
