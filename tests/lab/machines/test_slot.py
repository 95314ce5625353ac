"""A slot's orders, with a machine that is none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from lab.machines import slot as slots
from lab.machines.container import Container
from lab.machines.slot import Slot
from tests.waiting import until


class Fake(Container):
    """Ends when it is told to, and at the button if it `hears` it."""

    def __init__(self, ended: Any, *, hears: bool = True) -> None:
        self.said: list[str] = []
        self._ended, self._hears = ended, hears
        self._cleared = threading.Event()

    def press_power_button(self) -> None:
        self.said.append("button")
        if self._hears:
            self.go()

    def cut(self) -> None:
        self.said.append("cut")
        self.go()

    def freeze(self) -> None:
        self.said.append("freeze")

    def thaw(self) -> None:
        self.said.append("thaw")

    def wait_cleared(self, seconds: float) -> bool:
        return self._cleared.wait(seconds)

    def go(self) -> None:
        if not self._cleared.is_set():
            self._cleared.set()
            threading.Thread(target=self._ended).start()


class Bay:
    def __init__(self) -> None:
        self.hears, self.fails = True, 0
        self.made: list[Fake] = []
        self.off: list[bool] = []
        """Whether each end was one that nobody had ordered."""
        self.slot = Slot("m1", self._on, self.off.append)

    def _on(self, ended: Any) -> Any:
        if self.fails:
            self.fails -= 1
            raise OSError("no loop device is free")
        self.made.append(Fake(ended, hears=self.hears))
        return self.made[-1]

    def running(self, count: int = 1) -> Fake:
        until(
            f"machine {count}", lambda: len(self.made) >= count and self.slot.machine is self.made[count - 1]
        )
        return self.made[count - 1]

    def told(self, count: int = 1) -> list[bool]:
        return until("word of an end", lambda: self.off if len(self.off) >= count else [])


@pytest.fixture
def bay() -> Iterator[Bay]:
    made = Bay()
    yield made
    made.slot.close()
    assert made.slot.join(5)


def test_off_presses_the_button_and_the_end_was_ordered(bay: Bay) -> None:
    bay.slot.order("on")
    machine = bay.running()
    bay.slot.order("off")
    assert bay.told() == [False]
    assert machine.said == ["button"]
    assert bay.slot.machine is None


def test_a_guest_that_goes_by_itself_was_wanted(bay: Bay) -> None:
    bay.slot.order("on")
    bay.running().go()
    assert bay.told() == [True]
    assert bay.slot.machine is None


def test_a_guest_that_does_not_hear_is_cut(bay: Bay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "SHUTDOWN_SECONDS", 0.05)
    bay.hears = False
    bay.slot.order("on")
    machine = bay.running()
    bay.slot.order("off")
    assert bay.told() == [False]
    assert machine.said == ["button", "cut"]


def test_reset_is_another_machine_and_nobody_is_told(bay: Bay) -> None:
    bay.slot.order("on")
    first = bay.running()
    bay.slot.order("reset")
    bay.running(2)
    assert first.said == ["cut"]
    assert bay.off == []


def test_the_late_word_of_a_former_machine_ends_nothing(bay: Bay) -> None:
    bay.slot.order("on")
    bay.running()
    bay.slot.order("reset")
    second = bay.running(2)
    bay.slot.order("freeze")
    until("frozen", lambda: second.said)
    assert bay.slot.machine is second
    assert bay.off == []


def test_frozen_and_thawed(bay: Bay) -> None:
    bay.slot.order("on")
    machine = bay.running()
    bay.slot.order("freeze")
    bay.slot.order("thaw")
    until("thawed", lambda: machine.said == ["freeze", "thaw"])


def test_orders_to_an_empty_slot_do_nothing(bay: Bay) -> None:
    for order in ("off", "cut", "freeze", "thaw"):
        bay.slot.order(order)  # type: ignore[arg-type]
    bay.slot.order("on")
    assert bay.running().said == []
    assert bay.off == []


def test_a_slot_outlives_a_start_that_fails(bay: Bay) -> None:
    bay.fails = 1
    bay.slot.order("on")
    bay.slot.order("on")
    assert bay.running().said == []


def test_a_machine_that_can_not_be_put_together_is_off(bay: Bay) -> None:
    """The API says so, as for a VM that ends at once: nobody waits for a machine that is none."""
    bay.fails = 1
    bay.slot.order("on")
    assert bay.told() == [True]


def test_a_closed_slot_cuts_the_power(bay: Bay) -> None:
    bay.slot.order("on")
    machine = bay.running()
    bay.slot.close()
    assert bay.slot.join(5)
    assert machine.said == ["cut"]
