"""What of a machine is looked at, and how it is told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["master", "worker", "cluster"]


@dataclass(frozen=True, slots=True)
class File:
    """`mode` is the last three octal digits; `owner` is `user:group`. `text` is read only of what a check asks for."""

    mode: str
    owner: str = "root:root"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """`flags` by program, as its process was given them; `config` is the kubelet's file, kube-proxy's for a `cluster`."""

    name: str
    role: Role
    flags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)


def flags_of(words: Iterable[str]) -> dict[str, str]:
    """Returns the flags of a command; one without a value is true."""
    pairs = (word[2:].partition("=") for word in words if word.startswith("--"))
    return {name: value if equals else "true" for name, equals, value in pairs}
