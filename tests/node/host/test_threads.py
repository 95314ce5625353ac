"""No loop of a machine's ends unheard."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import node
from node.host.threads import kept


def test_one_that_an_exception_ends_is_told_and_begins_again() -> None:
    said: list[str] = []
    rounds: list[int] = []

    def loop() -> None:
        rounds.append(len(rounds))
        if len(rounds) < 3:
            raise TypeError("'NoneType' object is not iterable")

    kept("registrar", loop, said.append, again_seconds=0.0).join(timeout=5)
    assert rounds == [0, 1, 2]
    line = "registrar: ended by what nobody expected, and begins again: TypeError(\"'NoneType' object is not iterable\")"
    assert said[::2] == [line, line]
    assert "in loop" in said[1], "the place in the code is told too"


def test_one_that_returns_has_ended() -> None:
    said: list[str] = []
    thread = kept("told", lambda: None, said.append)
    thread.join(timeout=5)
    assert (thread.is_alive(), said) == (False, [])


MODULES = [file for file in Path(node.__file__).parent.rglob("*.py") if file.name != "threads.py"]


@pytest.mark.parametrize("file", MODULES, ids=[file.stem for file in MODULES])
def test_every_thread_is_kept(file: Path) -> None:
    assert f"{threading.Thread.__name__}(" not in file.read_text().replace("ThreadingHTTPServer(", "")
