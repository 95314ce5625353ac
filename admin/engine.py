"""The engine's commands that ours take, run where the operator would run them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.google.provider_config import ProviderConfig

State = dict[str, Any]


def provider(settings: Mapping[str, str]) -> ProviderConfig:
    """Returns how the Google provider signs in, by `settings` as `Engine.config` has them. Raises ProviderRefusedError."""
    return ProviderConfig.read(lambda key: settings.get(f"gcp:{key}"))


class EngineError(Exception):
    """The engine said no; the message is what it said."""


class Engine:
    """Commands of one stack in the current folder; None: the one that is selected."""

    def __init__(self, stack: str | None) -> None:
        self._stack = ["--stack", stack] if stack else []

    def export(self) -> State:
        return dict(json.loads(self._run("stack", "export")))

    def config(self) -> dict[str, str]:
        """Returns the stack's config, the project's included, by full key; an object as its JSON. Secrets are decrypted."""
        found = json.loads(self._run("config", "--json", "--show-secrets"))
        return {key: str(each["value"]) for key, each in found.items() if "value" in each}

    def restore(self, state: State) -> None:
        """Writes the state back. The engine drops operations that never ended whenever it does this."""
        with _written(state) as file:
            self._run("stack", "import", "--file", file)

    def preview(self) -> dict[str, Any]:
        return dict(json.loads(self._run("preview", "--json")))

    def up(self, words: Sequence[str]) -> tuple[int, str]:
        """Runs an update and prints what the engine says, on standard error, while it says it. Returns its exit status and
        all that it said.
        """
        said = []
        with subprocess.Popen(
            self._words("up", *words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:
            for line in running.stdout or ():
                said.append(line)
                print(line, end="", file=sys.stderr, flush=True)
        return running.returncode, "".join(said)

    def refresh(self, urns: Sequence[str]) -> None:
        targets = [word for urn in urns for word in ("--target", urn)]
        self._run("refresh", "--yes", "--skip-preview", *targets)

    def adopt(self, resources: Mapping[str, Any]) -> None:
        """Reads each resource from Google into the state, unprotected: the next update says what is protected."""
        with _written(resources) as file:
            self._run(
                "import",
                "--file",
                file,
                "--yes",
                "--skip-preview",
                "--protect=false",
                "--generate-code=false",
            )

    def _words(self, *arguments: str) -> list[str]:
        return ["pulumi", *arguments, *self._stack, "--non-interactive", "--color", "never"]

    def _run(self, *arguments: str) -> str:
        command = self._words(*arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise EngineError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
        if done.stderr:
            print(done.stderr, end="", file=sys.stderr)
        return done.stdout


class _written:  # noqa: N801  (reads as a verb)
    """A document in a file of its own, which nobody else may read: states have secrets."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._file = Path(self._folder.name) / "document.json"
        self._file.touch(mode=0o600)
        self._file.write_text(json.dumps(document))

    def __enter__(self) -> str:
        return str(self._file)

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()
