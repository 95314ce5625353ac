"""A terminal session that a test lives through: what was typed and what came of it, as text for the documents."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.site import Site
from tests.stack.harness import Replicas

_SUMMARY = "Resources:"
"""The engine's output from here on says how many of what changed; before it, line by line, which."""


@dataclass
class Session:
    site: Site
    lines: list[str] = field(default_factory=list)

    def remark(self, text: str) -> None:
        self.site.tell(text)
        self.lines += ["", f"# {text}"]

    def up(self, text: str, replicas: Replicas, **config: Any) -> None:
        """An edit of the stack's config, which `text` describes, and the update that makes it so."""
        self.remark(text)
        outcome = self.site.stack.up(replicas, **config)
        self.site.keep_kubeconfig()
        self.lines += [f"#   {line}" for line in self._edited("replicas", *config)]
        self._typed("pulumi up --yes", _summary(outcome.output))
        self.site.tell(f"  up in {outcome.seconds:.0f} s")

    def destroy(self) -> None:
        outcome = self.site.stack.destroy()
        self._typed("pulumi state unprotect --all --yes", "")
        self._typed("pulumi destroy --yes", _summary(outcome.output))
        self.site.tell(f"  destroy in {outcome.seconds:.0f} s")

    def kubectl(self, *arguments: str) -> str:
        said = self.site.kubectl(*arguments)
        self._typed(shlex.join(["kubectl", *arguments]), said)
        return said

    def typed(self, command: str) -> None:
        """What the test did by another way, as people type it."""
        self._typed(command, "")

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(self.lines).strip() + "\n")

    def _edited(self, *keys: str) -> list[str]:
        """These keys of the stack's config file, as they stand there."""
        there = yaml.safe_load(self.site.stack.config_file.read_text())["config"]
        shown = {key: there[key] for key in (f"ha-masters:{each}" for each in keys)}
        return yaml.safe_dump(shown, sort_keys=False, default_flow_style=None).splitlines()

    def _typed(self, command: str, said: str) -> None:
        self.lines += [f"$ {command}", *map(str.rstrip, said.strip("\n").splitlines())]


def _summary(output: str) -> str:
    return output[output.index(_SUMMARY) :] if _SUMMARY in output else ""
