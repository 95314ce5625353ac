"""Calls side by side, of which some are slow or fail."""

from __future__ import annotations

import time
from threading import Event

from components.google.side_by_side import side_by_side


def test_a_call_that_is_late_is_given_up_and_the_others_are_not() -> None:
    never, start = Event(), time.monotonic()
    outcomes = side_by_side({"slow": never.wait, "quick": lambda: 7}, 0.1)
    assert time.monotonic() - start < 5
    assert outcomes["quick"] == 7
    assert str(outcomes["slow"]) == "no answer within 0.1 s"


def test_an_error_is_an_outcome() -> None:
    assert isinstance(side_by_side({"broken": lambda: 1 / 0}, 5)["broken"], ZeroDivisionError)
