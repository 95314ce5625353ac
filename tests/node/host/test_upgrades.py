"""When unattended upgrades begin on each master."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.host.commands import MachineError
from node.host.files import under
from node.host.upgrades import DROP_IN, TIMER, hour, keep
from tests.node.bootstrap.site import Programs

THREE = ("m1-b", "m2-c", "m3-d")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    timer = under(tmp_path, f"/usr/lib/systemd/system/{TIMER}")
    timer.parent.mkdir(parents=True)
    timer.write_text("[Timer]\nOnCalendar=*-*-* 6:00\nRandomizedDelaySec=60m\nPersistent=true\n")
    return tmp_path


@pytest.mark.parametrize("many", [1, 3, 7, 12, 24])
def test_no_two_masters_have_the_same_hour(many: int) -> None:
    names = [f"m{number}-b" for number in range(many)]
    assert len({hour(name, names) for name in names}) == many


def test_few_masters_are_two_hours_apart() -> None:
    assert [hour(name, THREE) for name in THREE] == [6, 8, 10]


def test_a_master_has_an_hour_of_its_own_and_once_is_enough(root: Path) -> None:
    programs = Programs(root)
    said = [keep(root, "m2-c", THREE, programs) for _ in range(2)]
    assert programs.taken() == ["systemctl daemon-reload", f"systemctl try-restart {TIMER}"]
    assert said == ["unattended upgrades begin at 08:00 UTC, another hour than any other master's"] * 2
    assert under(root, DROP_IN).read_text().splitlines() == [
        "[Timer]",
        "OnCalendar=",
        "OnCalendar=*-*-* 08:00:00 UTC",
        "RandomizedDelaySec=15m",
        "Persistent=false",
    ]


def test_what_systemd_refused_is_told_to_it_again(root: Path) -> None:
    class Refusing(Programs):
        def run(self, *command: str, allow: tuple[int, ...] = (), seconds: float = 0) -> tuple[int, str]:
            raise MachineError("refused")

    with pytest.raises(MachineError):
        keep(root, "m2-c", THREE, Refusing(root))
    programs = Programs(root)
    keep(root, "m2-c", THREE, programs)
    assert "systemctl daemon-reload" in programs.taken()


def test_another_list_gives_another_hour(root: Path) -> None:
    programs = Programs(root)
    keep(root, "m2-c", THREE, programs)
    keep(root, "m2-c", ("m2-c",), programs)
    assert "06:00:00 UTC" in under(root, DROP_IN).read_text()


@pytest.mark.parametrize(
    "wanted", [pytest.param((), id="nothing is known"), pytest.param(("m1-b",), id="it leaves")]
)
def test_who_is_not_wanted_stays_as_it_is(root: Path, wanted: tuple[str, ...]) -> None:
    keep(root, "m2-c", THREE, Programs(root))
    before = under(root, DROP_IN).read_text()
    keep(root, "m2-c", wanted, Programs(root))
    assert under(root, DROP_IN).read_text() == before


def test_an_image_without_apt_is_left_alone(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    keep(tmp_path, "m2-c", THREE, programs)
    assert (programs.taken(), under(tmp_path, DROP_IN).exists()) == ([], False)
