"""What is built from what, and the key that names the result."""

from __future__ import annotations

import hashlib
import importlib.metadata
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ENGINE = "3.259.0"
SDK = "github.com/pulumi/pulumi/sdk/v3"
PROVIDERS = ("gcp", "tls")


@dataclass(frozen=True)
class Part:
    """An executable built by Go. `seconds` is what it takes on two cores when nothing is cached, for the estimate."""

    name: str
    module: str
    package: str
    variable: str
    version: str
    target: str
    seconds: int

    @property
    def ldflags(self) -> str:
        return f"-s -w -X {self.variable}={self.version}"


def installed(package: str) -> str:
    """The version of an installed Python package: its provider has to answer the same."""
    return importlib.metadata.version(package)


def parts() -> tuple[Part, ...]:
    """What Go builds, in the order that takes least time: the providers reuse most of what the engine compiled."""
    engine = Part(
        name="engine",
        module="engine",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        variable=f"{SDK}/go/common/version.Version",
        version=f"v{ENGINE}",
        target="bin/pulumi",
        seconds=200,
    )
    return (engine, _provider("gcp", seconds=140), _provider("tls", seconds=15))


def plugin(name: str) -> str:
    """Where the engine looks for a provider, under its home."""
    return f"home/plugins/resource-{name}-v{installed(f'pulumi-{name}')}/pulumi-resource-{name}"


def _provider(name: str, seconds: int) -> Part:
    return Part(
        name=f"provider {name}",
        module="providers",
        package=f"./{name}",
        variable="main.version",
        version=installed(f"pulumi-{name}"),
        target=plugin(name),
        seconds=seconds,
    )


def sources() -> Iterator[Path]:
    """Every file that the result depends on."""
    for pattern in ("engine/go.*", "engine/*.go", "providers/go.*", "providers/*/*", "host/*.py"):
        yield from sorted(HERE.glob(pattern))
    yield from (HERE / "recipe.py", HERE / "build.py")


def key(go: str) -> str:
    """Names the result of building these sources, with these flags, by this Go."""
    digest = hashlib.sha256(go.encode())
    for part in parts():
        digest.update(f"{part.package} {part.ldflags} {part.target}".encode())
    for file in sources():
        digest.update(f"{file.relative_to(HERE)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def go_version() -> str:
    """The Go that is installed, such as `go1.26.8 linux/amd64`."""
    answer = subprocess.run(["go", "version"], capture_output=True, text=True, check=True)
    return answer.stdout.strip().removeprefix("go version ")
