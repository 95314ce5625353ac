"""Where releases are published: files as dl.k8s.io has them, images as registry.k8s.io has them, or mirrors of either.

Both redirect, to a CDN and to Artifact Registry (kubernetes/registry.k8s.io, cmd/archeio/docs/request-handling.md), and ask
for no token: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn
from urllib.parse import urljoin, urlsplit

import requests

from admin.pin.evidence import INDICES, PinError, digest_of, sum_of

READ_SECONDS, DEADLINE_SECONDS = 60.0, 900.0
"""For connecting and for each read; for a whole file, of which the largest has some 60 MB."""

MOST_BYTES = 4 << 20
"""Of a sum or an index: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests."""

MOST_REDIRECTS = 5

_CHUNK = 1 << 16


class NotPublishedError(PinError):
    """There is nothing at that address."""


class Published:
    """`files` and `registry` are URLs. Everything raises PinError."""

    def __init__(self, files: str, registry: str) -> None:
        self.files, self.registry = _trusted(files.rstrip("/")), _trusted(registry.rstrip("/"))
        self._session = requests.Session()

    @property
    def host(self) -> str:
        """The registry as images' references have it."""
        return self.registry.partition("://")[2]

    def kubelet(self, version: str, architecture: str) -> str:
        """Returns its URL."""
        return f"{self.files}/release/v{version}/bin/linux/{architecture}/kubelet"

    def sum(self, url: str) -> str:
        return sum_of(self.small(f"{url}.sha256"), f"{url}.sha256")

    def fetch(self, url: str, target: Path) -> str:
        """Fetches a file into `target`. Returns the SHA-256 of what came."""
        digest = hashlib.sha256()
        with target.open("wb") as file, self._asked(url) as (_, chunks):
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()

    def image(self, name: str, tag: str) -> str:
        """Returns the digest of the index that has this tag."""
        url = f"{self.registry}/v2/{name}/manifests/{tag}"
        with self._asked(url, ", ".join(INDICES)) as (headers, chunks):
            return digest_of(_whole(chunks, url), headers.get("Docker-Content-Digest", ""), url)

    def small(self, url: str) -> bytes:
        with self._asked(url) as (_, chunks):
            return _whole(chunks, url)

    @contextmanager
    def _asked(self, url: str, accept: str = "*/*") -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        try:
            with self._followed(url, {"Accept": accept, "Accept-Encoding": "identity"}) as reply:
                if reply.status_code != requests.codes.ok:
                    _refused(url, reply)
                until = time.monotonic() + DEADLINE_SECONDS
                yield reply.headers, _until(until, reply.iter_content(_CHUNK), url)
        except requests.RequestException as error:
            raise PinError(
                f"{url} can't be read ({' '.join(str(error).split())}). Is this machine on the internet, and is its "
                f"proxy set (HTTPS_PROXY)? For a mirror that speaks as the publisher does: --files and --registry."
            ) from None

    def _followed(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """Returns the reply at the end of all redirects, none of which leads away from HTTPS."""
        asked = url
        for _ in range(MOST_REDIRECTS):
            reply = self._session.get(
                asked, headers=headers, timeout=READ_SECONDS, stream=True, allow_redirects=False
            )
            if not reply.is_redirect:
                return reply
            asked = _trusted(urljoin(asked, reply.headers["Location"]))
            reply.close()
        raise PinError(f"{url} leads elsewhere {MOST_REDIRECTS} times. Use a mirror: --files, --registry.")


def _until(deadline: float, chunks: Iterator[bytes], url: str) -> Iterator[bytes]:
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise PinError(
                f"{url} was not here after {DEADLINE_SECONDS:.0f} s. Try again, or use a mirror: --files."
            )
        yield chunk


def _whole(chunks: Iterator[bytes], url: str) -> bytes:
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) > MOST_BYTES:
            raise PinError(
                f"{url} sent more than {MOST_BYTES >> 20} MiB, which is no sum and no index. "
                f"Look at it in a browser: a proxy may have answered in the place of the publisher."
            )
    return body


def _refused(url: str, reply: requests.Response) -> NoReturn:
    if reply.status_code == requests.codes.not_found:
        raise NotPublishedError(
            f"{url} isn't there (404). Is there such a release? https://kubernetes.io/releases/ lists them; "
            f"a mirror may lack it."
        )
    if reply.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
        raise PinError(
            f"{url} wants to know who asks ({reply.status_code}), and this command has no credentials. "
            f"Use one that everybody may read: --files, --registry."
        )
    raise PinError(
        f"{url} answered {reply.status_code}. Try again later, or use a mirror: --files, --registry."
    )


def _trusted(url: str) -> str:
    """Digests that came over HTTP are anybody's; what never leaves this machine is nobody else's."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and _loopback(parts.hostname or "")):
        return url
    raise PinError(
        f"{url} is not https://, so anybody on the way may have written what it says. Use an https:// address."
    )


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
