"""What `.venv/bin/python` of a stack is: it hands its command to the server, passes signals on, and ends as that does.

It begins with a line that names the clone's Python, and knows nothing but the standard library.
"""

import json
import os
import signal
import socket
import sys

ADDRESS = "HA_MASTERS_WARM_PYTHON"
"""The variable that holds the server's socket."""


def main() -> None:
    address, command = os.environ.get(ADDRESS, ""), sys.argv[1:]
    # Others, such as `--version`, or `-I` of what ties a process to its parent, are quick as they are. A folder with a
    # `__main__.py`, as a policy pack is, is for the interpreter itself.
    folder = len(command) > 1 and os.path.isdir(command[1])  # noqa: PTH112
    if not address or not command or folder or command[0] not in ("-u", "-c", "-m"):
        os.execv(sys.executable, [sys.executable, *command])
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        asked = {"command": command, "folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109
        message = json.dumps(asked).encode()
        socket.send_fds(server, [len(message).to_bytes(4, "big")], [0, 1, 2])
        server.sendall(message)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda got, _frame: server.sendall(bytes([got])))
        said = server.recv(4)
    if len(said) < 4:
        sys.exit("the warm Python is gone")
    status = os.waitstatus_to_exitcode(int.from_bytes(said, "big"))
    if status < 0:
        if -status != signal.SIGKILL:
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    main()
