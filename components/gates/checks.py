"""What a gate does when the engine comes to it.

A gate is asked twice. `holds`, in every preview and every update, tells whether what it stands for is so now; if not, the
engine counts it as changed, and `pass_through` waits. `let_go` is asked in front of a delete.
"""

from __future__ import annotations

import os
import threading
import time
from functools import partial

from components.gates import measured
from components.gates.cluster_reader import ClusterReader
from components.gates.looks import Props
from components.gates.table import GATES, Gate, Look
from components.gates.wait import seen as verdict_of
from components.gates.wait import until_open
from components.google.provider_config import ProviderConfig
from components.google.transport import Google

DEADLINE_VARIABLE = "HA_MASTERS_GATE_DEADLINE_SECONDS"
"""Overrides every gate's deadline, for those whose machines are slower or whose patience is shorter."""


def pass_through(kind: str, props: Props, occasion: str, google: ProviderConfig) -> None:
    """Waits until the gate of `kind` may open; raises `GateClosedError` with the reason when its deadline passes."""
    gate = GATES[kind]
    reader = _reader(google)
    waited = None
    if gate.passes and (gate.waits_on_create or occasion != "create"):
        began = time.monotonic()
        _wait(kind, gate, gate.passes, reader, props)
        waited = time.monotonic() - began
    if gate.afterwards:
        gate.afterwards(reader, props)
    if waited is not None:
        measured.record(reader.bucket(str(props["bucket"])), kind, props, waited)


def holds(kind: str, props: Props, google: ProviderConfig) -> bool:
    """Returns whether the gate's condition holds now; if not, it prints what is missing.

    When the engine refreshes, it shows a gate with the inputs of the update that made it. A former release's say too
    little to look by; the update that follows brings those of now, and so a change.
    """
    gate = GATES[kind]
    if gate.holds is None or (gate.since and gate.since not in props):
        return True
    verdict = verdict_of(partial(gate.holds, _reader(google), props))
    if not verdict.open:
        _say(f"{gate.title(props)}: {verdict.reason}")
    return verdict.open


def let_go(kind: str, props: Props, google: ProviderConfig) -> None:
    """Waits until what the gate of `kind` guards may be deleted; raises `GateClosedError`, and so keeps it."""
    gate = GATES[kind]
    if gate.lets_go:
        _wait(kind, gate, gate.lets_go, _reader(google), props)


def _wait(kind: str, gate: Gate, look: Look, reader: ClusterReader, props: Props) -> None:
    deadline = float(os.environ.get(DEADLINE_VARIABLE) or gate.deadline_seconds)
    until_open(gate.title(props), partial(look, reader, props), deadline_seconds=deadline, say=_say)


_READERS: dict[ProviderConfig, ClusterReader] = {}
_READERS_LOCK = threading.Lock()


def _reader(google: ProviderConfig) -> ClusterReader:
    """Returns the process's one reader, which remembers what it has read."""
    with _READERS_LOCK:
        if google not in _READERS:
            _READERS[google] = ClusterReader(Google(google))
        return _READERS[google]


def _say(line: str) -> None:
    """The engine shows what a provider prints."""
    print(line, flush=True)
