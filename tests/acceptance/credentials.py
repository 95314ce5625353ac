"""Where the tests' own client finds a token. The provider is given one in its environment; what prepares shared things for a
test (`BootstrapConfig`) asks the metadata server instead, as on a VM.
"""

from __future__ import annotations

import json

from lab.environment import TOKEN
from tests.http_server import HttpServer, Quiet

_ANSWERS = {
    "token": json.dumps({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}),
    "universe-domain": "googleapis.com",
}


class _Metadata(Quiet):
    def do_GET(self) -> None:
        """By the last word of the path, such as `…/service-accounts/default/token`."""
        asked = self.path.partition("?")[0].rsplit("/", 1)[-1]
        answer = _ANSWERS.get(asked)
        self.reply(200 if answer else 404, (answer or "").encode(), Metadata_Flavor="Google")


def metadata_server() -> HttpServer:
    """For GCE_METADATA_HOST, while it is in a `with`."""
    return HttpServer(_Metadata)
