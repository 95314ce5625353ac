"""What is booked and run once a heal is decided, with a bucket and an engine that only remember."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from admin.heal import ledger
from admin.heal.command import EXIT, Limits, Report, heal, main, text
from admin.heal.ledger import Heal, Ledger
from components.present.facts import Present
from node.contract.fields import FormatError
from tests.admin.heal.test_decision import gone, seen, silent
from tests.components.present.masters import NOW, three


class FakeBucket:
    """One object, and its generation."""

    def __init__(self) -> None:
        self.object: dict[str, Any] | None = None
        self.generation = 0

    def described(self, name: str) -> dict[str, Any] | None:
        return {"generation": str(self.generation)} if self.object else None

    def content(self, name: str) -> bytes:
        return json.dumps(self.object).encode()

    def write(self, name: str, document: dict[str, Any], *, on: str | None = None) -> bool:
        if on != str(self.generation):
            return False
        self.object, self.generation = document, self.generation + 1
        return True


class FakeEngine:
    def __init__(self, status: int = 0, said: str = "") -> None:
        self.answer = status, said
        self.ran: list[list[str]] = []

    def up(self, words: Sequence[str]) -> tuple[int, str]:
        self.ran.append(list(words))
        return self.answer


def run(
    present: Present,
    engine: FakeEngine,
    bucket: FakeBucket,
    *,
    really: bool = True,
    words: Sequence[str] = (),
) -> Report:
    found = replace(seen(present), ledger=ledger.read(bucket))  # type: ignore[arg-type]
    return heal(found, bucket, engine, Limits(), words, really=really)  # type: ignore[arg-type]


def outcomes(bucket: FakeBucket) -> list[str]:
    return [each["outcome"] for each in bucket.object["heals"]] if bucket.object else []


def test_it_only_says_so_without_yes() -> None:
    engine, bucket = FakeEngine(), FakeBucket()
    report = run(three(m2=silent()), engine, bucket, really=False)
    assert (report.outcome, engine.ran, bucket.object) == ("heal", [], None)
    assert text(report).endswith(
        "\n`python -m admin heal --yes` runs pulumi up --yes --replace '**::m2-c-turn'"
    )


@pytest.mark.parametrize(
    ("status", "said", "outcome", "booked"),
    [
        pytest.param(0, "", "healed", ["healed"], id="it came through"),
        pytest.param(1, "error: the gate ready did not open", "failed", ["failed"], id="it failed"),
        pytest.param(
            255, "error: the stack is currently locked by 1 lock(s).", "refuse", [], id="another has the lock"
        ),
    ],
)
def test_an_update_is_booked_with_what_became_of_it(
    status: int, said: str, outcome: str, booked: list[str]
) -> None:
    engine, bucket = FakeEngine(status, said), FakeBucket()
    report = run(three(m2=gone()), engine, bucket, words=("--policy-pack", "policies"))
    assert (report.outcome, outcomes(bucket)) == (outcome, booked)
    assert engine.ran == [["--yes", "--policy-pack", "policies"]]


def test_of_two_that_have_seen_the_same_one_runs() -> None:
    bucket, known = FakeBucket(), Ledger()
    first, second = (Heal(NOW, name, "start") for name in ("m2-c", "m3-d"))
    assert [ledger.begin(bucket, known, each) for each in (first, second)] == [True, False]  # type: ignore[arg-type]


def test_the_book_is_read_as_it_was_written() -> None:
    bucket, entry = FakeBucket(), Heal(NOW, "m2-c", "replace")
    ledger.begin(bucket, Ledger(), entry)  # type: ignore[arg-type]
    assert ledger.read(bucket) == Ledger((entry,), "1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("{", id="no JSON"),
        pytest.param('{"apiVersion": "ha-masters/v2", "kind": "Heals", "heals": []}', id="a later release"),
        pytest.param('{"apiVersion": "ha-masters/v1", "kind": "Heals", "heals": [{}]}', id="an empty entry"),
        pytest.param("[]", id="no object"),
    ],
)
def test_a_book_that_is_not_understood_is_no_empty_one(content: str) -> None:
    with pytest.raises(FormatError, match=r"heals\.json"):
        ledger.parse(content)


def test_old_entries_go_first() -> None:
    heals = tuple(Heal(NOW, f"m{number}-b", "start", "healed") for number in range(ledger.KEPT + 5))
    assert Ledger(heals).document()["heals"][0]["replica"] == "m5-b"


def test_every_outcome_has_an_exit_status() -> None:
    assert EXIT == {"nothing": 0, "wait": 0, "healed": 0, "refuse": 1, "unknown": 2, "failed": 3, "heal": 4}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["--per-day", "0"], "--per-day: 0 allows none. Give 1 or more", id="none a day"),
        pytest.param(
            ["--silent-minutes", "1"],
            "--silent-minutes: 1 is less than a reboot takes. Give 5",
            id="a minute",
        ),
    ],
)
def test_limits_that_are_none_are_refused(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(words)
    assert says in " ".join(capsys.readouterr().err.split())
