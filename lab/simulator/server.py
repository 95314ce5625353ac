"""The simulator: it serves until a signal comes, or from a background thread. `lab.serve` puts it together with guests."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import threading
import time
from pathlib import Path

import uvicorn

from lab import files
from lab.listening import listening
from lab.simulator import app, operations
from lab.simulator.clock import Clock
from lab.simulator.context import Lab
from lab.simulator.events import Events
from lab.simulator.faults import Faults
from lab.simulator.guests import MakeGuests, NoGuests
from lab.simulator.journal import Journal
from lab.simulator.latency import Latency
from lab.simulator.permissions import Permissions
from lab.simulator.store import Store

log = logging.getLogger(__name__)
_TICK_SECONDS = 0.1


class Simulator:
    """`with Simulator(tmp_path) as s: requests.get(s.url + "/lab/v1/health")`. State is in `state_dir`."""

    def __init__(
        self,
        state_dir: str | Path,
        *,
        profile: str = "instant",
        project: str = "lab-project",
        region: str = "europe-west1",
        port: int = 0,
        permissions: Permissions | None = None,
        clock: Clock | None = None,
        guests: MakeGuests = NoGuests,
    ) -> None:
        self.state_dir = Path(state_dir)
        self.state_dir.mkdir(parents=True, exist_ok=True)
        store = Store(self.state_dir / "simulator.sqlite")
        clock = clock or Clock()
        self.lab = Lab(
            store=store,
            clock=clock,
            events=Events(store),
            journal=Journal(store, clock),
            faults=Faults(),
            latency=Latency(profile),
            permissions=permissions or Permissions(),
            project=project,
            region=region,
        )
        self.guests = guests(self.lab)
        self._port = port
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._server: uvicorn.Server | None = None
        self.url = ""

    def listen(self) -> list[socket.socket]:
        """Binds 127.0.0.1, and where guests reach Google's APIs."""
        sock = listening("127.0.0.1", self._port)
        self._port = sock.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        served = app.build(self.lab, self.guests.routes())
        self.guests.start()  # Guests that are there already may call the APIs at once.
        sockets = [sock, *self.guests.sockets()]
        config = uvicorn.Config(
            served, log_level="warning", access_log=False, lifespan="off", http="httptools"
        )
        config.timeout_graceful_shutdown = 3
        config.timeout_keep_alive = 75
        self._server = uvicorn.Server(config)
        return sockets

    def announce(self) -> None:
        """Tells others of this computer where it is."""
        files.write_json(self.state_dir / "endpoint.json", {"url": self.url, "pid": os.getpid()})

    def _tick(self) -> None:
        while not self._stopping.wait(_TICK_SECONDS):
            try:
                operations.advance(self.lab)
            except Exception:
                log.exception("operations could not be advanced")

    def start(self) -> Simulator:
        """Serve from a background thread; returns when it answers."""
        sockets = self.listen()
        assert self._server is not None
        server = self._server
        for target in (lambda: server.run(sockets=sockets), self._tick):
            thread = threading.Thread(target=target, daemon=True)
            thread.start()
            self._threads.append(thread)
        while not server.started:
            time.sleep(0.005)
        self.announce()
        return self

    def run(self) -> None:
        """Serve in this thread until SIGTERM or SIGINT."""
        sockets = self.listen()
        assert self._server is not None
        server = self._server

        def end(_signal: int, _frame: object) -> None:
            server.should_exit = True

        # uvicorn raises the signal again when it is done: with these, that doesn't kill us before we clean up.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        threading.Thread(target=self._tick, daemon=True).start()
        self.announce()
        print(json.dumps({"url": self.url, "pid": os.getpid()}), flush=True)
        try:
            server.run(sockets=sockets)
        finally:
            self._stopping.set()
            self.guests.stop()
            (self.state_dir / "endpoint.json").unlink(missing_ok=True)
            self.lab.store.close()

    def stop(self) -> None:
        """State stays in `state_dir`; a new Simulator there goes on from it."""
        self._stopping.set()
        self.guests.stop()
        if self._server is not None:
            self._server.should_exit = True
        for thread in self._threads:
            thread.join(timeout=10)
        self.lab.store.close()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
