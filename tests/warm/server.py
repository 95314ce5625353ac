"""The warm Python itself: `server.py SOCKET` loads the SDK, says `ready`, and forks for each command it is handed.

Who hands a command over is tied to the process that carries it out: a signal is passed on, and when the one is gone,
however it went, the other is killed. The server ends when its standard input does.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import threading
import types
from contextlib import suppress
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

LOADED = (
    "concurrent.futures",
    "cryptography.x509",
    "dill",
    "google.auth",
    "google.oauth2.service_account",
    "pip._internal.commands.list",
    "pulumi",
    "pulumi.dynamic",
    "pulumi.runtime",
    "pulumi.runtime.proto.language_pb2_grpc",
    "pulumi_gcp",
    "pulumi_tls",
    "requests",
    "runpy",
    "yaml",
)
"""What the program, the dynamic provider, the language host and `pip list` load of installed packages, none of it the
project's."""

RESOURCES = (
    *("compute.Address", "compute.Disk", "compute.DiskResourcePolicyAttachment", "compute.Firewall"),
    *(
        "compute.ForwardingRule",
        "compute.Instance",
        "compute.InstanceGroup",
        "compute.InstanceGroupMembership",
    ),
    *(
        "compute.Network",
        "compute.RegionBackendService",
        "compute.RegionHealthCheck",
        "compute.ResourcePolicy",
    ),
    *("compute.Router", "compute.RouterNat", "compute.Subnetwork", "compute.TargetInstance", "dns.RecordSet"),
    *("secretmanager.Secret", "secretmanager.SecretIamPolicy", "secretmanager.SecretVersion"),
    *("serviceaccount.Account", "storage.Bucket", "storage.BucketIAMMember", "storage.BucketObject"),
)
"""Of `pulumi_gcp`, which loads each at the first look at it: those that a stack is made of. Another one is loaded late."""

Command = dict[str, Any]


class Server:
    """Forks for each command that comes in by `listener`, until standard input ends."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._clients: dict[int, socket.socket] = {}
        """By the process that works for them."""
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ, lambda: None)
        self._selector.register(listener, selectors.EVENT_READ, self._accept)

    def serve(self) -> Command | None:
        """Returns in each child what it is to carry out; in the server None, at the end."""
        while True:
            for key, _events in self._selector.select():
                if key.fileobj is sys.stdin:
                    self._end()
                    return None
                if command := key.data():
                    return dict(command)

    def _accept(self) -> Command | None:
        client, _address = self._listener.accept()
        try:
            command, files = _received(client)
        except (OSError, ValueError):  # Who asked is gone already.
            client.close()
            return None
        child = os.fork()
        if not child:
            for number, file in enumerate(files):
                os.dup2(file, number)
            self._selector.close()
            for each in (self._listener, client, *self._clients.values()):
                each.close()
        for file in files:
            os.close(file)
        if not child:
            return command
        self._clients[child] = client
        self._selector.register(client, selectors.EVENT_READ, partial(self._pass_on, child))
        death = os.pidfd_open(child)
        self._selector.register(death, selectors.EVENT_READ, partial(self._report, child, death))
        return None

    def _pass_on(self, child: int) -> None:
        """Its end may have been told among the same events: then there is nobody left to tell."""
        client, signals = self._clients.get(child), b""
        if client is None:
            return
        with suppress(ConnectionError):
            signals = client.recv(16)
        if not signals:
            self._selector.unregister(client)
        for number in signals or (signal.SIGKILL,):
            os.kill(child, number)

    def _report(self, child: int, death: int) -> None:
        self._selector.unregister(death)
        os.close(death)
        _child, status = os.waitpid(child, 0)
        client = self._clients.pop(child)
        with suppress(KeyError):
            self._selector.unregister(client)
        with suppress(OSError):
            client.sendall(status.to_bytes(4, "big"))
        client.close()

    def _end(self) -> None:
        for child in self._clients:
            os.kill(child, signal.SIGKILL)


def _received(client: socket.socket) -> tuple[Command, list[int]]:
    length, files, _flags, _address = socket.recv_fds(client, 4, 3)
    with client.makefile("rb") as reader:
        return dict(json.loads(reader.read(int.from_bytes(length, "big")))), files


def carry_out(command: Command) -> None:
    """What the interpreter does with `-u`, and with `-c CODE`, `-m MODULE` or a file."""
    os.environ.clear()
    os.environ.update(command["environment"])
    os.chdir(command["folder"])
    words = [word for word in command["command"] if word != "-u"]
    if words[0] == "-m":
        sys.path[0], sys.argv = str(Path.cwd()), words[1:]
        importlib.import_module("runpy").run_module(words[1], run_name="__main__", alter_sys=True)
        return
    if words[0] == "-c":
        sys.path[0], sys.argv, name, code = "", ["-c", *words[2:]], "<string>", words[1]
    else:
        sys.path[0], sys.argv, name = str(Path(words[0]).resolve().parent), words, words[0]
        code = Path(name).read_text()
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    main.__file__ = name
    exec(compile(code, name, "exec"), main.__dict__)  # noqa: S102


def main() -> None:
    for name in LOADED:
        importlib.import_module(name)
    for resource in RESOURCES:
        attrgetter(resource)(sys.modules["pulumi_gcp"])
    assert threading.active_count() == 1, "a fork would lose the other threads"
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen(64)
        print("ready", flush=True)
        command = Server(listener).serve()
    if command:
        carry_out(command)


if __name__ == "__main__":
    main()
