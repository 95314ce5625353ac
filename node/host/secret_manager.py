"""This replica's keys and certificates, from Secret Manager with the machine's own token."""

from __future__ import annotations

import base64
import json

from node.contract.fields import FormatError
from node.contract.secret_files import parse
from node.host.metadata_server import Metadata
from node.host.web import request


def fetch(endpoint: str, version: str, metadata: Metadata) -> dict[str, str]:
    """File name to content. `version` is a resource name, `projects/…/secrets/…/versions/…`."""
    return _access(endpoint, version, metadata)[1]


def fetch_newest(endpoint: str, version: str, metadata: Metadata) -> tuple[str, dict[str, str]]:
    """Returns the newest version of the same secret, by its own name and with its files. Raises WebError also where the
    newest one is disabled: `latest` means whatever was added last.
    """
    of = version.rpartition("/")[0]
    name, files = _access(endpoint, f"{of}/latest", metadata)
    return f"{of}/{number(name)}", files


def number(version: str) -> int:
    """Returns the number in a version's resource name. Google answers with the project's number in it where it was asked
    by the project's id, so this alone tells versions of one secret apart.
    """
    last = version.rpartition("/")[2]
    if not last.isdigit():
        raise FormatError(
            f"the secret's version is {version!r}; expected projects/…/secrets/…/versions/ and a number"
        )
    return int(last)


def _access(endpoint: str, version: str, metadata: Metadata) -> tuple[str, dict[str, str]]:
    reply = request("GET", f"{endpoint}/v1/{version}:access", headers=metadata.authorization())
    answer = json.loads(reply.body)
    return str(answer["name"]), parse(base64.b64decode(answer["payload"]["data"]))
