"""Faults that a test orders: this call fails once, that operation takes a minute, this process dies now.

A fault is a JSON object: what it matches (`method`, `resource`, `by`, `nth`, `times`) and one `action`.

    {"method": "compute.instances.insert", "resource": "m2-.*", "nth": 1, "times": 1,
     "action": {"type": "http_error", "code": 503, "reason": "backendError", "message": "…"}}
    {"action": {"type": "op_error", "code": "ZONE_RESOURCE_POOL_EXHAUSTED", "message": "…"}}
    {"action": {"type": "timeout_after_effect", "how": "drop" | "503"}}
    {"action": {"type": "delay", "seconds": 30}}
    {"action": {"type": "kill_pid", "pid": 4711, "when": "after" | "before"}}
    {"action": {"type": "signal", "group": 4711, "signal": "SIGINT", "when": "after" | "before"}}

`signal` reaches a whole process group, as Ctrl-C in a terminal does.

`method` is a method id or a prefix that ends in `*`; `resource` a regular expression searched in the resource's
path; `by` is the principal as the journal has it, whose calls alone count (left out: anyone's); `nth` counts matching
calls from 1 and says which is the first to be hit; `times` how many are (0: all).
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_ACTIONS: dict[str, set[str]] = {
    "http_error": {"code", "reason", "message"},
    "op_error": {"code", "message", "http_code", "http_message"},
    "timeout_after_effect": {"how"},
    "delay": {"seconds"},
    "kill_pid": {"pid", "when"},
    "signal": {"group", "signal", "when"},
}


@dataclass
class Fault:
    id: str
    action: dict[str, Any]
    method: str = "*"
    resource: str = ""
    by: str = ""
    nth: int = 1
    times: int = 1
    seen: int = 0
    fired: int = 0

    def matches(self, method_id: str, resource: str, principal: str) -> bool:
        if self.by not in ("", principal):
            return False
        if self.method.endswith("*"):
            if not method_id.startswith(self.method[:-1]):
                return False
        elif self.method != method_id:
            return False
        return re.search(self.resource, resource) is not None

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def kill(actions: Iterable[Mapping[str, Any]], when: str) -> None:
    """Sends what those of `actions` send that are due `when`: before the call's effect, or after it and before its reply."""
    for action in actions:
        if action.get("when", "after") != when:
            continue
        with suppress(ProcessLookupError):  # It may have ended, and what it started still calls.
            if action["type"] == "kill_pid":
                os.kill(action["pid"], signal.SIGKILL)
            elif action["type"] == "signal":
                os.killpg(action["group"], signal.Signals[action["signal"]])


def _check_signal(action: Mapping[str, Any]) -> None:
    if not (isinstance(action.get("group"), int) and action["group"] > 1):
        raise ValueError("signal needs a process group greater than 1")
    if action.get("signal") not in signal.Signals.__members__:
        raise ValueError(f"signal.signal is {action.get('signal')!r}; use a name such as SIGINT")


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._next = 1

    def order(self, spec: dict[str, Any]) -> Fault:
        """Raises ValueError for what it doesn't know."""
        unknown = set(spec) - {"method", "resource", "by", "nth", "times", "action"}
        if unknown:
            raise ValueError(f"a fault has no field {', '.join(sorted(unknown))}")
        action = spec.get("action")
        if not isinstance(action, dict) or action.get("type") not in _ACTIONS:
            raise ValueError(f"action.type must be one of {', '.join(_ACTIONS)}")
        unknown = set(action) - _ACTIONS[action["type"]] - {"type"}
        if unknown:
            raise ValueError(f"the action {action['type']} has no field {', '.join(sorted(unknown))}")
        if action["type"] == "kill_pid" and not (isinstance(action.get("pid"), int) and action["pid"] > 1):
            raise ValueError("kill_pid needs a pid greater than 1")
        if action["type"] == "signal":
            _check_signal(action)
        re.compile(spec.get("resource", ""))
        with self._lock:
            fault = Fault(id=str(self._next), **spec)
            self._next += 1
            self._faults.append(fault)
        return fault

    def ordered(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def delete(self, fault_id: str | None = None) -> None:
        """Deletes this one, or all without an id."""
        with self._lock:
            self._faults = [f for f in self._faults if fault_id is not None and f.id != fault_id]

    def due(self, method_id: str, resource: str, principal: str = "") -> list[dict[str, Any]]:
        """The actions for this call; counts it. `principal` is empty for a call of Google's own."""
        actions = []
        with self._lock:
            for fault in self._faults:
                if not fault.matches(method_id, resource, principal):
                    continue
                fault.seen += 1
                if fault.seen >= fault.nth and (fault.times == 0 or fault.fired < fault.times):
                    fault.fired += 1
                    actions.append(fault.action)
        return actions
