"""What a machine's agents look at again and again, beside their own loops."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from node.host.metadata_server import Metadata
from node.host.web import WebError

LOOK_SECONDS = 30.0
METADATA_SECONDS = 120.0
RETRY_SECONDS = 5.0


def first_document(metadata: Metadata) -> tuple[dict[str, Any], str]:
    """Returns what the metadata server says of this machine, and its etag. Ends the process if it stays silent."""
    deadline = time.monotonic() + METADATA_SECONDS
    while True:
        try:
            return metadata.instance()
        except WebError as error:
            if time.monotonic() > deadline:
                sys.exit(f"waited {METADATA_SECONDS:.0f} s for the metadata server: {error}")
            time.sleep(RETRY_SECONDS)


def again_and_again(
    look: Callable[[], str], say: Callable[[str], None], seconds: float = LOOK_SECONDS
) -> NoReturn:
    """Looks every so many seconds, and says what is new."""
    said = ""
    while True:
        if (news := look()) != said:
            said = news
            say(news)
        time.sleep(seconds)
