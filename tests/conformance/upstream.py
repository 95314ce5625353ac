"""What Kubernetes' module says of its conformance tests: which there are, and the images that they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from lab.toolchain import golang

MODULE: Final = "k8s.io/kubernetes"
LIST: Final = "test/conformance/testdata/conformance.yaml"
_REGISTRY = re.compile(r'^\s*(\w+):\s+"([\w./-]+)",$', re.MULTILINE)
_IMAGE = re.compile(r'^\s*configs\[(\w+)\] = Config\{list\.(\w+), "([\w./-]+)", "([\w.-]+)"\}', re.MULTILINE)
_SERIAL = re.compile(r"\[(Serial|Disruptive)\]")
_AREA = re.compile(r"^\[sig-([\w-]+)\]")


@dataclass(frozen=True)
class Test:
    """`file` is where its source lies, from the module's root; the first, if there are several."""

    __test__ = False

    name: str
    file: str

    @property
    def area(self) -> str:
        """The special interest group that it belongs to, such as `node`."""
        found = _AREA.match(self.name)
        return found[1] if found else "other"

    @property
    def alone(self) -> bool:
        """It may not run beside others."""
        return bool(_SERIAL.search(self.name))


def source() -> Path:
    """Where Go keeps the module that the tests are built of."""
    return golang.module_folder(MODULE, "kubernetes/conformance")


def tests(text: str) -> list[Test]:
    """Of `test/conformance/testdata/conformance.yaml`."""
    return [Test(each["codename"], each["file"].partition(", ")[0]) for each in yaml.safe_load(text)]


def images(module: Path) -> dict[str, str]:
    return named((module / "test/utils/image/manifest.go").read_text())


def named(text: str) -> dict[str, str]:
    """Image by the name that tests know it by, such as `Agnhost`, of the text of manifest.go."""
    registries = dict(_REGISTRY.findall(text))
    return {
        name: f"{registries[registry]}/{image}:{version}"
        for name, registry, image, version in _IMAGE.findall(text)
    }
