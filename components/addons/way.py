"""Whether the API can be reached from where the program runs, which is also where the provider of Kubernetes runs."""

from __future__ import annotations

import ssl
import time
import urllib.error
import urllib.request

LOOK_SECONDS = 5
WAIT_SECONDS = 90
"""As long as a balancer may take to see that a master serves again: the gates before have heard it of the masters."""

_AGAIN_SECONDS = 2


def look(url: str, authority: str, seconds: float = LOOK_SECONDS) -> str:
    """Returns why there is no way to the API; empty where it answers, with whatever status: who may ask is another question.

    A proxy of the environment is used, as the provider does.
    """
    try:
        context = ssl.create_default_context(cadata=authority)
        handler = urllib.request.HTTPSHandler(context=context)
        urllib.request.build_opener(handler).open(f"{url}/readyz", timeout=seconds).close()
    except urllib.error.HTTPError as answered:
        answered.close()
    except urllib.error.URLError as error:
        return _reason(error.reason)
    except (OSError, ValueError) as error:
        return _reason(error)
    return ""


def wait(url: str, authority: str, seconds: float = WAIT_SECONDS) -> str:
    """The same, for an update: it gives the API `seconds`."""
    until = time.monotonic() + seconds
    while reason := look(url, authority):
        if time.monotonic() + _AGAIN_SECONDS > until:
            return reason
        time.sleep(_AGAIN_SECONDS)
    return ""


def _reason(error: object) -> str:
    return " ".join(str(error).split()) or type(error).__name__
