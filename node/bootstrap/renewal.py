"""A master whose own certificates have expired follows the newest version of its secret by itself.

Ordinary rotations go by metadata, one master at a time, and each waits until the one before serves again. Where all
certificates have expired that can't work: the first master's new ones are of no use until the others have theirs, and they
would wait for the first. So a master that finds a leaf of its own expired, or within an hour of it, doesn't wait for its
turn: it asks for `…/versions/latest` and takes that if it is newer than what it has.

What that costs: masters take such a version side by side and nobody looks at quorum, though no process is restarted for
it (etcd, the apiserver and the kubelet read certificates again at each handshake). What else the version holds, as another
authority or encryption key, comes along unasked. While the hour lasts and there is no newer version, Secret Manager is
asked once a minute. A version that was put back by hand (an older one in the metadata) is overruled once it has expired.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from node.contract.fields import FormatError
from node.host import secret_manager
from node.host.certificates import must_renew
from node.host.metadata_server import Metadata
from node.host.web import WebError


def is_due(files: Mapping[str, str], now: datetime | None = None) -> bool:
    return bool(must_renew(files, now or datetime.now(UTC)))


def same_or_newer(version: str, asked: str) -> bool:
    """Returns whether `version` is of the secret that is asked for, and not an older one."""
    same = version.rpartition("/")[0] == asked.rpartition("/")[0]
    return version == asked or (same and secret_manager.number(version) > secret_manager.number(asked))


def newest_if_expired(
    endpoint: str, metadata: Metadata, version: str, files: dict[str, str], say: Callable[[str], None]
) -> tuple[str, dict[str, str]]:
    """Returns what is given, or the newest version and its files. If the newest can't be fetched, it says so and keeps the
    given.
    """
    expired = must_renew(files, datetime.now(UTC))
    if not expired:
        return version, files
    try:
        newest, found = secret_manager.fetch_newest(endpoint, version, metadata)
        if secret_manager.number(newest) <= secret_manager.number(version):
            return version, files
    except (WebError, FormatError, KeyError) as error:
        say(f"certificates have expired ({', '.join(expired)}), and no newer ones can be had: {error}")
        return version, files
    say(
        f"certificates have expired ({', '.join(expired)}): takes version {secret_manager.number(newest)} of the secret"
    )
    return newest, found
