"""The last good copy of the public keys that Google signs VMs' identity tokens with.

An API server that is started while the issuer can't be reached knows nobody of it until it is reached again. So the copy
lies on the data disk, and the API server asks this machine's agent instead of Google.

Google renews its keys about once a week and shows a new one days before it signs with it. They are fetched once an hour;
and, since an API server asks for them when it meets a token of an unknown key, when they are asked for. Anybody can show
such a token, so that happens every `ASKED_SECONDS` at most. A fetch is one request, with a deadline of seconds.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from node.contract.worker_identity import KEYS_PATH
from node.host import paths
from node.host.files import under, write
from node.host.web import WebError, request

REGULAR_SECONDS = 3600.0
RETRY_SECONDS = 30.0
ASKED_SECONDS = 10.0

FILE: Final = f"{paths.WORKERS}/issuer-keys.json"

_SECONDS = 5.0
_LARGEST = 1 << 16


class IssuerKeys:
    """Safe for several threads: one fetches, and the others wait for it."""

    def __init__(
        self,
        root: Path,
        endpoint: str,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file, self._endpoint, self._say, self._clock = under(root, FILE), endpoint, say, clock
        self._lock = threading.Lock()
        self._tried = float("-inf")
        self._failed = False

    def text(self) -> str:
        """Returns the copy, a JSON Web Key Set; empty if there never was one."""
        try:
            return self._file.read_text()
        except (FileNotFoundError, UnicodeDecodeError):
            return ""

    def asked(self) -> str:
        """Returns the copy, fetched anew unless that was tried a moment ago."""
        self._refresh(ASKED_SECONDS)
        return self.text()

    def keep(self) -> None:
        """Fetches what is due. Says once that it can't be."""
        self._refresh(RETRY_SECONDS if self._failed or not self.text() else REGULAR_SECONDS)

    def _refresh(self, older_than: float) -> None:
        with self._lock:
            if self._clock() - self._tried < older_than:
                return
            try:
                text = _key_set(request("GET", f"{self._endpoint}{KEYS_PATH}", timeout=_SECONDS).body)
                write(self._file, text)
            except (WebError, OSError) as error:
                if not self._failed:
                    kept = "goes on with the copy" if self.text() else "no worker can join until then"
                    self._say(f"the keys of the workers' issuer can't be fetched, {kept}: {error}")
                self._failed = True
            else:
                if self._failed:
                    self._say("the keys of the workers' issuer are fetched again")
                self._failed = False
            self._tried = self._clock()


def _key_set(body: bytes) -> str:
    """What was served in the place of keys, as a proxy's page, must not push a good copy out."""
    try:
        if len(body) > _LARGEST:
            raise ValueError(f"{len(body)} bytes")
        keys = json.loads(body)["keys"]
        if not keys or not all(each["kid"] and each["kty"] for each in keys):
            raise ValueError("no keys")
        return body.decode()
    except (ValueError, KeyError, TypeError) as error:
        raise WebError(f"{KEYS_PATH} is no JSON Web Key Set: {error!r}") from None
