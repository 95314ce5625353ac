"""One history of a live cluster: a client writes all the time, and what it was told is there is counted at the end."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.crash import operator
from tests.e2e import gaps
from tests.e2e.site import Site, identity, vm
from tests.stack.harness import Replicas
from tests.stack.invariants import ADDRESS, broken_promises
from tests.waiting import until

RATE = 10.0
"""Reads, and writes, a second: enough to see a gap of a second, and little beside what a box does."""

ANSWER_SECONDS, BOOT_SECONDS = 120.0, 300.0
SECOND_SIGNAL_AFTER_SECONDS = 1.0
"""The engine takes a second signal at once for a repetition of the first."""
MOST_TRIES = 3


def standing(life: Site, replicas: Replicas) -> None:
    """These masters, Ready; nothing is typed where the history before has left them so."""
    if life.members() != voters(replicas) or set(life.machines()) != {vm(each) for each in replicas}:
        life.up(replicas)
    life.ready(replicas, BOOT_SECONDS)


def voters(replicas: Replicas) -> dict[str, str]:
    return {identity(replica): "voter" for replica in replicas}


@contextmanager
def history(life: Site, what: str) -> Iterator[None]:
    """Told to people with its gaps. Ends when a write is acknowledged after all was done, at the address of before."""
    address, start, began = _address(life), life.cloud.last(), time.time()
    with life.load(reads=RATE, writes=RATE) as client:
        yield
        done = time.time()

        def answered_again() -> bool:
            return any(r.kind == "write" and not r.problem and r.start > done for r in client.requests())

        until("an acknowledged write after it", answered_again, ANSWER_SECONDS)
        requests = client.stop()
    ended = time.time()
    read, written = (gaps.longest(requests, kind, began, ended) for kind in ("read", "write"))
    acknowledged, lost = gaps.acknowledged(requests), life.lost(requests)
    life.tell(
        f"{what}: {done - began:.0f} s, {len(acknowledged)} writes acknowledged, {len(lost)} lost; longest gaps: "
        f"{read}; {written}"
    )
    assert lost == set()
    assert _address(life) == address
    assert broken_promises(life.cloud.entries(start)) == []


def cut_off(life: Site, replicas: Replicas, sign: str, when: Callable[[], bool]) -> None:
    """An update to these, ended by Ctrl-C twice as soon as the engine has said `sign` and `when` holds."""
    life.stack.configure(replicas)
    log, over = life.stack.folder / "up.log", threading.Event()
    log.unlink(missing_ok=True)

    def arm(pid: int) -> None:
        def watch() -> None:
            while not (log.exists() and sign in log.read_text() and when()):
                if over.wait(0.1):
                    return
            for _ in range(2):
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGINT)
                over.wait(SECOND_SIGNAL_AFTER_SECONDS)

        threading.Thread(target=watch, daemon=True).start()

    outcome = operator.cut_off(life.stack, arm)
    over.set()
    assert outcome.code != 0, f"it ended by itself:\n{outcome.output}"
    life.tell(f"cut off after {outcome.seconds:.0f} s, members {life.members()}")


def come_to_an_end(life: Site, replicas: Replicas, **more: Any) -> None:
    """`pulumi up`, and what the guide says to its failure; then nothing is left to do."""
    life.stack.configure(replicas, **more)
    typed = []
    for _ in range(MOST_TRIES):
        last = life.stack.run(*operator.UP, check=False)
        typed.append(f"up, {last.seconds:.0f} s")
        remedies = operator.advice(last.output) if last.code else ()
        if not remedies:
            break
        for remedy in remedies:
            typed.append(remedy)
            if remedy == "cancel":
                life.stack.run("cancel", "--yes", check=False)
            else:
                adopted = operator.adopt(life.stack)
                assert adopted.code == 0, adopted.output
    life.tell(f"typed to {' '.join(replicas)}: {', '.join(typed)}")
    assert last.code == 0, last.output
    life.keep_kubeconfig()


def settled(life: Site, replicas: Replicas) -> None:
    """The masters that are asked for, all of them and no others, and a next update that changes nothing."""
    life.ready(replicas, ANSWER_SECONDS)
    life.stack.run(*operator.UP, "--expect-no-changes")


def _address(life: Site) -> str:
    return str(life.cloud.facts()["forwardingRules"][ADDRESS]["ip"])
