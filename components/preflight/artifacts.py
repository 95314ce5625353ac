"""Whether what machines fetch is where the config says, with the digest that they will compare. Asked for on demand alone.

It is fetched whole, as a digest of a file is known of all of it only, from the operator's machine and not from the masters'
network. Images are named by the digest of their manifest, so that is all that is fetched of them:
https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import requests

from components.config import FileSpec, StackConfig
from components.google.side_by_side import why
from components.google.transport import Google
from components.preflight.line import Line, Verdict
from components.wording import count

DEADLINE_SECONDS = 600.0
"""For all of it together: some 250 MB, at 4 Mbit/s."""

READ_SECONDS = 30.0
_CHUNK = 1 << 20
_MANIFESTS = ", ".join(
    f"application/vnd.{kind}"
    for kind in (
        "oci.image.index.v1+json",
        "oci.image.manifest.v1+json",
        "docker.distribution.manifest.list.v2+json",
        "docker.distribution.manifest.v2+json",
    )
)
_REFERENCE = re.compile(r"(?P<name>[^@]+?)(?::[^/:@]+)?@sha256:(?P<sha256>[0-9a-f]{64})")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Artifact:
    """`url` gives bytes whose SHA-256 is `sha256`. `google`: it is an object in Cloud Storage, read as who asks."""

    name: str
    url: str
    sha256: str
    image: bool = False
    google: bool = False


def lines(config: StackConfig, google: Google, progress: Progress) -> list[Line]:
    """Fetches each artifact, under one deadline, and says by `progress` which one. Raises for nothing that others do."""
    asked = wanted(config, google)
    if not asked:
        return [Line("ok", "artifacts", "Machines fetch nothing: their image holds what they run.")]
    until, found = time.monotonic() + DEADLINE_SECONDS, list[Line]()
    for number, artifact in enumerate(asked, 1):
        progress(f"{number} of {len(asked)}: {artifact.name}, {artifact.url}")
        try:
            found += filter(None, [judge(artifact, _digest(artifact, google, until))])
        except requests.HTTPError as error:
            found.append(refused(artifact, error.response.status_code))
        except (requests.RequestException, TimeoutError) as error:
            reason = "" if isinstance(error, requests.RequestException) else f": {why(error)}"
            text = f"{artifact.name} could not be fetched from {artifact.url} from here{reason}."
            found.append(Line("unknown", "artifacts", text))
    return found or [
        Line("ok", "artifacts", f"{count(len(asked), 'artifact')} are there, each with its digest.")
    ]


def wanted(config: StackConfig, google: Google) -> list[Artifact]:
    """Returns what masters and workers fetch; nothing where their image holds it."""
    if (spec := config.artifacts) is None:
        return []
    files = {"kubelet": spec.kubelet}
    if spec.runtime:
        files |= {
            "containerd": spec.runtime.containerd,
            "runc": spec.runtime.runc,
            "CNI plugins": spec.runtime.cni_plugins,
        }
    files |= {image.name: image.archive for image in spec.images if image.archive}
    pulled = {image.name: image.reference for image in spec.images if not image.archive} | dict(config.addons)
    return [
        *(_file(name, file, spec.mirror, google) for name, file in files.items()),
        *(_image(name, reference) for name, reference in pulled.items()),
    ]


def judge(artifact: Artifact, came: str) -> Line | None:
    if came == artifact.sha256:
        return None
    return Line(
        "stop",
        "artifacts",
        f"{artifact.name}: {artifact.url} has the SHA-256 {came}, and the config asks for {artifact.sha256}. No machine "
        "would run it. Find out which of the two is right before anybody fetches it.",
    )


def refused(artifact: Artifact, status: int) -> Line:
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        who = (
            "You may not read it; machines need roles/storage.objectViewer there"
            if artifact.google
            else (
                "Machines fetch without credentials, so it has to be readable by everybody, or an archive on the mirror"
            )
        )
        verdict: Verdict = "unknown" if artifact.google else "stop"
        return Line(verdict, "artifacts", f"{artifact.name}: {artifact.url} answered {status}. {who}.")
    if status in (requests.codes.not_found, requests.codes.gone):
        return Line(
            "stop",
            "artifacts",
            f"{artifact.name}: {artifact.url} isn't there ({status}). Correct `artifacts`.",
        )
    return Line(
        "unknown", "artifacts", f"{artifact.name}: {artifact.url} answered {status}. Try again later."
    )


def _file(name: str, file: FileSpec, mirror: str, google: Google) -> Artifact:
    if file.path.startswith("https://") or not mirror.startswith("gs://"):
        url = file.path if file.path.startswith("https://") else f"{mirror}/{file.path}"
        return Artifact(name, url, file.sha256)
    bucket, _, prefix = mirror.removeprefix("gs://").partition("/")
    key = quote("/".join(filter(None, (prefix, file.path))), safe="")
    return Artifact(name, google.url("storage", f"b/{bucket}/o/{key}?alt=media"), file.sha256, google=True)


def _image(name: str, reference: str) -> Artifact:
    """Docker's own names have no registry in them: https://github.com/distribution/reference."""
    match = _REFERENCE.fullmatch(reference)
    assert match, f"{reference} is checked where the config is read"
    host, _, path = match["name"].partition("/")
    if "." not in host and ":" not in host and host != "localhost":
        host, path = "registry-1.docker.io", match["name"] if path else f"library/{match['name']}"
    scheme = "http" if host.partition(":")[0] in ("localhost", "127.0.0.1") else "https"
    url = f"{scheme}://{host}/v2/{path}/manifests/sha256:{match['sha256']}"
    return Artifact(name, url, match["sha256"], image=True)


def _digest(artifact: Artifact, google: Google, until: float) -> str:
    """Raises what `requests` raises, and TimeoutError at the deadline."""
    if artifact.google:
        return _of(google.send("GET", artifact.url, stream=True), until)
    headers = {"Accept": _MANIFESTS} if artifact.image else {}
    reply = requests.get(artifact.url, headers=headers, timeout=READ_SECONDS, stream=True)
    if artifact.image and reply.status_code == requests.codes.unauthorized and (token := _token(reply)):
        headers["Authorization"] = f"Bearer {token}"
        reply = requests.get(artifact.url, headers=headers, timeout=READ_SECONDS, stream=True)
    return _of(reply, until)


def _token(reply: requests.Response) -> str:
    """Returns what a registry gives to everybody: https://distribution.github.io/distribution/spec/auth/token/."""
    said = dict(_CHALLENGE.findall(reply.headers.get("WWW-Authenticate", "")))
    if not said.get("realm", "").startswith("https://"):
        return ""
    asked = {key: said[key] for key in ("service", "scope") if key in said}
    given = requests.get(said["realm"], params=asked, timeout=READ_SECONDS)
    return str(given.json().get("token") or given.json().get("access_token") or "") if given.ok else ""


def _of(reply: requests.Response, until: float) -> str:
    with reply:
        reply.raise_for_status()
        digest = hashlib.sha256()
        for chunk in _in_time(reply.iter_content(_CHUNK), until):
            digest.update(chunk)
        return digest.hexdigest()


def _in_time(chunks: Iterator[bytes], until: float) -> Iterator[bytes]:
    for chunk in chunks:
        if time.monotonic() > until:
            raise TimeoutError(f"not all of it was here after {DEADLINE_SECONDS:.0f} s")
        yield chunk
