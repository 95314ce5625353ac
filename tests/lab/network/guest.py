"""What stands in for a VM's program, run inside its namespace: `python guest.py PORT` says who called it where.

Each connection gets one line of JSON, then its own bytes back. Standard library only; no part of the lab.
"""

from __future__ import annotations

import json
import socketserver
import sys
from contextlib import suppress


class Talk(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        who = {"client": self.client_address[0], "at": self.request.getsockname()[0], "name": sys.argv[2]}
        self.request.sendall(json.dumps(who).encode() + b"\n")
        with suppress(OSError):
            while data := self.request.recv(4096):
                self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Server(("", int(sys.argv[1])), Talk) as server:
        server.serve_forever()
