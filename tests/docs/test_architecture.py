"""docs/architecture.md: its picture is that of the contracts, and its tables name every room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import pytest

from tests.docs import arrows
from tests.docs.documents import code, rows, section, tracked

TEXT = arrows.DOCUMENT.read_text()
PRODUCT_AND_LAB = ("admin", "components", "lab", "node", "policies")
ROOMS = sorted(
    folder
    for path in tracked()
    if path.endswith("/__init__.py")
    and (folder := str(PurePosixPath(path).parent)).startswith(PRODUCT_AND_LAB)
)
NAMED = {name for row in rows(section(TEXT, "Rooms and arrows")) for name in code(row[0])}


@pytest.mark.parametrize("room", [room for room in ROOMS if "/" in room or room in ("admin", "policies")])
def test_a_table_names_the_room(room: str) -> None:
    assert room in NAMED


def test_the_picture_is_that_of_the_contracts() -> None:
    assert TEXT.partition(arrows.BEGIN)[2].partition(arrows.END)[0] == arrows.of_this_repository()


def never(sources: Sequence[str], targets: Sequence[str]) -> Mapping[str, Any]:
    return {"name": "never", "type": "forbidden", "source_modules": sources, "forbidden_modules": targets}


def drawn(*contracts: Mapping[str, Any]) -> list[str]:
    settings = {"root_packages": ["above", "below", "beside"], "contracts": contracts}
    return arrows.picture(settings).splitlines()


ORDER = {"name": "order", "type": "layers", "layers": ["above", "below"]}


def test_an_arrow_that_follows_from_others_is_left_out() -> None:
    picture = drawn(ORDER, never(["below"], ["beside"]), never(["beside"], ["above", "below"]))
    assert [line for line in picture if "above" in line] == ["  above ─► below", "  above ─► beside"]


def test_an_arrow_that_no_contract_forbids_is_drawn() -> None:
    picture = drawn(
        ORDER, never(["beside"], ["above"]), never(["below"], ["beside"]), never(["above"], ["beside"])
    )
    assert "  beside ─► below" in picture


def test_packages_that_may_import_each_other_are_drawn_so() -> None:
    assert "  below ◄─► beside" in drawn(ORDER)


def test_layers_stand_below_their_package() -> None:
    rooms = {
        "name": "rooms",
        "type": "layers",
        "containers": ["above"],
        "layers": ["attic", "hall | kitchen"],
    }
    picture = drawn(rooms)
    at = picture.index("above ▼")
    assert picture[at + 1 : at + 3] == ["  attic", "  hall · kitchen"]


def test_a_finer_contract_is_told_in_its_words() -> None:
    assert drawn(never(["above.attic", "above.roof"], ["below.cellar"]))[-2:] == [
        "  never:",
        "    above.{attic, roof} ─╳─► below.cellar",
    ]
