"""The provider's tests as executables: its module, copied with the services that those tests need and no others.

The whole provider takes 17 minutes and 10 GB to build, a copy with these services a third. What is built stands in
`~/.cache/ha-masters/acceptance/<key>`: `compute.test` and others, and `source`, where they look for their fixtures.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lab.toolchain import golang, place
from lab.toolchain.build import ToolchainUnavailableError
from lab.toolchain.lock import held
from lab.toolchain.recipe import HERE, go_version

Progress = Callable[[str], None]
MODULE: Final = "github.com/hashicorp/terraform-provider-google"
TESTED: Final = ("secretmanager", "dns", "storage", "compute")
"""In the order in which they are built: the large one last, so that a build that is cut off has kept the others."""
SERVICES: Final = (
    *TESTED,
    "appengine",
    "certificatemanager",
    "cloudbilling",
    "cloudfunctions",
    "cloudrun",
    "container",
    "iambeta",
    "iamcredentials",
    "kms",
    "networkconnectivity",
    "networksecurity",
    "networkservices",
    "orgpolicy",
    "pubsub",
    "recaptchaenterprise",
    "resourcemanager",
    "resourcemanagerv3",
    "servicedirectory",
    "serviceusage",
    "tags",
    "tagslocation",
)
"""Those of `go list -deps -test` of the tested ones. A test that needs another says that there is no such resource."""
_REGISTER: Final = "google/provider/provider_register_services.go"
_FLAGS: Final = ("-vet=off", "-p=2", "-trimpath", "-ldflags=-s -w")


def ensure(progress: Progress = print) -> Path:
    """The folder with `<service>.test` of each of TESTED, built if need be, at the lowest priority.

    Raises ToolchainUnavailableError without Go, and golang.BuildFailedError with what Go said.
    """
    if shutil.which("go") is None:
        raise ToolchainUnavailableError(
            "There is no Go to build the provider's tests with: install Go 1.26 or newer."
        )
    folder = place.cache().parent / "acceptance" / _key()
    if not folder.exists():
        with held(folder.with_suffix(".lock"), "another process builds the provider's tests", progress):
            if not folder.exists():
                _build(folder.with_suffix(".building"), progress)
                folder.with_suffix(".building").rename(folder)
    return folder


def _key() -> str:
    """Names the result of building this version of the module, with these services and flags, by this Go."""
    locked = [
        line
        for line in (HERE / "providers" / "go.sum").read_text().splitlines()
        if line.startswith(f"{MODULE} ")
    ]
    return hashlib.sha256("\n".join([go_version(), *locked, *SERVICES, *_FLAGS]).encode()).hexdigest()[:16]


def _build(building: Path, progress: Progress) -> None:
    source = building / "source"
    if not source.exists():
        shutil.rmtree(building / "copying", ignore_errors=True)
        _copy(_module(), building / "copying")
        (building / "copying").rename(source)
    for service in TESTED:
        target = building / f"{service}.test"
        if target.exists():
            continue
        begun = time.monotonic()
        progress(f"building the provider's tests of {service}")
        unfinished = building / f".{target.name}.unfinished"
        _go("test", "-c", *_FLAGS, "-o", str(unfinished), f"./google/services/{service}", at=source)
        unfinished.rename(target)
        progress(f"the tests of {service} are built, in {time.monotonic() - begun:.0f} s")


def _module() -> Path:
    """Where Go keeps the module: the version, with the checksum, that the lab's provider is made of."""
    answer = _go("mod", "download", "-json", MODULE, at=HERE / "providers")
    return Path(json.loads(answer)["Dir"])


def _copy(module: Path, target: Path) -> None:
    def unneeded(folder: str, names: list[str]) -> set[str]:
        if Path(folder) == module:
            return {"website", "examples"}
        return set(names) - set(SERVICES) if Path(folder) == module / "google" / "services" else set()

    # The module's files are for reading only, and their modes would come along.
    shutil.copytree(module, target, ignore=unneeded, copy_function=shutil.copyfile)
    for folder in (target, *(each for each in target.rglob("*") if each.is_dir())):
        folder.chmod(0o755)
    imports = "".join(f'\t_ "{MODULE}/google/services/{service}"\n' for service in SERVICES)
    (target / _REGISTER).write_text(f"package provider\n\nimport (\n{imports})\n")


def _go(*arguments: str, at: Path) -> str:
    answer = subprocess.run(
        ["nice", "-n", "19", "go", *arguments],
        cwd=at,
        env=golang.environment() | {"PWD": os.fspath(at)},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise golang.BuildFailedError(f"go {' '.join(arguments)}: {answer.stderr.strip()[-2000:]}")
    return answer.stdout
