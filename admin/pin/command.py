"""Reads the digests of a release where they are published, and writes them beside the stack's files (pins/). Run it in the
program's folder. Of a release that is known already, it says whether what is published agrees.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from admin.pin.evidence import PinError
from admin.pin.published import NotPublishedError, Published
from admin.pin.signatures import Signatures
from components.config import versions
from components.config.errors import Refused
from components.releases import ARCHITECTURES, PINS, KubernetesRelease, Releases, ReleasesError, known
from components.releases.document import IMAGES, written

FILES, REGISTRY = "https://dl.k8s.io", "https://registry.k8s.io"
FILES_VARIABLE, REGISTRY_VARIABLE = "HA_MASTERS_PIN_FILES", "HA_MASTERS_PIN_REGISTRY"

KUBE_PROXY = "kube-proxy"

INTERRUPTED = 130
"""As shells have it, after SIGINT."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m admin pin", description=__doc__)
    parser.add_argument("version", nargs="?", help="a release of Kubernetes, such as 1.36.4")
    parser.add_argument(
        "--etcd", metavar="VERSION", help="a release of etcd, such as 3.6.14, beside it or alone"
    )
    parser.add_argument(
        "--without-signatures", action="store_true", help="don't check them, also where cosign is here"
    )
    for flag, variable, default in (
        ("--files", FILES_VARIABLE, FILES),
        ("--registry", REGISTRY_VARIABLE, REGISTRY),
    ):
        parser.add_argument(
            flag,
            metavar="URL",
            default=os.environ.get(variable) or default,
            help=f"{default}, or what mirrors it ({variable})",
        )
    given = parser.parse_args(arguments)
    if not (given.version or given.etcd):
        parser.error("name a release of Kubernetes, such as 1.36.4, or one of etcd with --etcd")
    try:
        return _pin(given, Path())
    except (PinError, ReleasesError) as error:
        print(f"{error}\nNothing was written.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Nothing was written.", file=sys.stderr)
        return INTERRUPTED


def _pin(given: argparse.Namespace, folder: Path) -> int:
    if not (folder / "Pulumi.yaml").exists():
        raise PinError(
            f"{folder.resolve()} has no Pulumi.yaml. Run this in the program's folder, where the stack's files are."
        )
    kubernetes = _checked("the version", versions.kubernetes, given.version)
    etcd = _checked("--etcd", versions.etcd, given.etcd)
    there = known(folder)
    published = Published(given.files, given.registry)
    signatures = Signatures(published, wanted=not given.without_signatures)
    found = Releases()
    unchecked: list[str] = []
    if kubernetes:
        found |= _kubernetes(kubernetes, there, published, signatures, unchecked)
    if etcd:
        found |= _etcd(etcd, published, signatures, unchecked)
    for why in dict.fromkeys(unchecked):
        print(f"Signatures were not checked: {why}.")
    return _kept(found, there, folder, given, checked=not unchecked)


def _checked(what: str, reader: Callable[[object], str], value: str | None) -> str:
    if value is None:
        return ""
    try:
        return reader(value)
    except Refused as refused:
        raise PinError(f"{what}: {value!r} {refused}") from None


def _kubernetes(
    version: str, there: Releases, published: Published, signatures: Signatures, unchecked: list[str]
) -> Releases:
    kubelet = {}
    with tempfile.TemporaryDirectory() as name:
        for architecture in ARCHITECTURES:
            url = published.kubelet(version, architecture)
            said = published.sum(url)
            file = Path(name) / f"kubelet-{architecture}"
            if (came := published.fetch(url, file)) != said:
                raise PinError(
                    f"{url} is {came}, and the sum published beside it is {said}. "
                    f"Trust neither: try again, and if it stays so, another network or another mirror."
                )
            unchecked += filter(None, [signatures.of_file(url, file)])
            kubelet[architecture] = said
            print(f"kubelet, {architecture}: {said}")
    images = {}
    for image in (*IMAGES, KUBE_PROXY):
        images[image] = published.image(image, f"v{version}")
        unchecked += filter(None, [signatures.of_image(image, images[image])])
        print(f"{image}: {images[image]}")
    proxy = images.pop(KUBE_PROXY)
    # An older pause serves every release; that of a release which is known stays what it is.
    former = there.kubernetes.get(version)
    pause = former.pause if former else max(there.pause, key=lambda tag: tuple(map(int, tag.split("."))))
    return Releases(
        kubernetes={version: KubernetesRelease(kubelet, images, pause)}, kube_proxy={f"v{version}": proxy}
    )


def _etcd(version: str, published: Published, signatures: Signatures, unchecked: list[str]) -> Releases:
    """Returns Kubernetes' own image of etcd. Its builds are counted from 0, and the last is taken."""
    tag, digest = f"{version}-0", published.image("etcd", f"{version}-0")
    for build in count(1):
        try:
            digest = published.image("etcd", f"{version}-{build}")
        except NotPublishedError:
            break
        tag = f"{version}-{build}"
    unchecked += filter(None, [signatures.of_image("etcd", digest)])
    print(f"etcd, {tag}: {digest}")
    return Releases(etcd={tag: digest})


def _kept(found: Releases, there: Releases, folder: Path, given: argparse.Namespace, *, checked: bool) -> int:
    if differing := found.differing(there):
        raise PinError(
            f"What is published differs from what is known of {', '.join(differing)}. Published releases never change: "
            f"find out which of the two is right before any master fetches it."
        )
    new = found - there
    if new == Releases():
        print("All of it is known already, and what is published agrees. Nothing was written.")
        return 0
    file = folder / PINS / f"{'-'.join(_names(new))}.yaml"
    signed = "checked by cosign" if checked else "not checked"
    heading = (
        f"# Written by `python -m admin pin` on {datetime.now(UTC):%Y-%m-%d}, from {given.files} and {given.registry}.\n"
        f"# Every kubelet was compared with its sum, every image with its digest; signatures: {signed}.\n"
    )
    _write(file, heading + written(new))
    print(
        f"{PINS}/{file.name} is written. Review and commit it; then set {_next(given)} in the stack's config."
    )
    return 0


def _names(new: Releases) -> list[str]:
    """Returns the names of what is new. A release that is shipped may lack what only workers run."""
    proxies = [tag for tag in new.kube_proxy if tag.removeprefix("v") not in new.kubernetes]
    return [
        *new.kubernetes,
        *(f"{KUBE_PROXY}-{tag}" for tag in proxies),
        *(f"etcd-{tag}" for tag in new.etcd),
    ]


def _next(given: argparse.Namespace) -> str:
    pairs = (("kubernetesVersion", given.version), ("etcd.version", given.etcd))
    return " and ".join(f"{key}: {version}" for key, version in pairs if version)


def _write(file: Path, text: str) -> None:
    """Writes all of it or nothing: a draft has a name that no reader looks at."""
    draft = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(exist_ok=True)
        with draft.open("w") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
    except OSError as error:
        raise PinError(
            f"{file} can't be written ({error.strerror}). Let this user write there, and run this again."
        ) from None
    finally:
        draft.unlink(missing_ok=True)
