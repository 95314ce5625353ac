"""What a reply is worth. Pure: bytes in, a digest or a sentence out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from components.releases import ARCHITECTURES

INDICES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
"""OCI's and Docker's: https://github.com/opencontainers/image-spec/blob/main/image-index.md."""

_SUM = re.compile(r"([0-9a-f]{64})(?:\s+\S+)?\s*")


class PinError(Exception):
    """The release can't be pinned. The message is whole sentences: what, where, and the remedy."""


def sum_of(text: bytes, url: str) -> str:
    """Returns the SHA-256 that a published `….sha256` holds, alone or before a file's name."""
    match = _SUM.fullmatch(text.decode(errors="replace"))
    if match is None:
        raise PinError(
            f"{url} holds no SHA-256 but {text[:60].decode(errors='replace')!r}. "
            f"Look at it in a browser: a proxy may have answered in the place of the publisher."
        )
    return match[1]


def digest_of(body: bytes, claimed: str, url: str) -> str:
    """Returns the digest of an index, of its own bytes. `claimed`: the registry's Docker-Content-Digest, or empty."""
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    if claimed not in ("", digest):
        raise PinError(
            f"{url} says that it is {claimed}, and what it sent is {digest}. "
            f"Trust neither: try again, and if it stays so, another network or another mirror."
        )
    index = _object(body, url)
    if index.get("mediaType") not in INDICES and "manifests" not in index:
        raise PinError(
            f"{url} is an image for one architecture ({index.get('mediaType')}), and masters are told an index for all. "
            f"Pin it by hand in `artifacts.images` of the stack's config."
        )
    there = {_architecture(each) for each in index.get("manifests") or () if isinstance(each, Mapping)}
    if missing := [name for name in ARCHITECTURES if name not in there]:
        raise PinError(
            f"{url} has no image for {' and '.join(missing)}. "
            f"Choose a release that has: masters of either architecture are told the same digest."
        )
    return digest


def _object(body: bytes, url: str) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise PinError(
            f"{url} answered with something that is no image: {body[:60]!r}. "
            f"Look at it in a browser: a proxy may have answered in the place of the registry."
        )
    return value


def _architecture(manifest: Mapping[str, Any]) -> str:
    platform = manifest.get("platform") or {}
    return str(platform.get("architecture")) if platform.get("os") == "linux" else ""
