"""A look that meets nobody, or somebody slow."""

from __future__ import annotations

import time
from threading import Event

import pytest

from components.config import parse
from components.google.provider_config import ProviderConfig
from components.google.transport import Google
from components.present.facts import Unseen
from components.present.look import look, side_by_side
from tests.components.recording import NOBODY


def test_a_call_that_is_late_is_given_up_and_the_others_are_not() -> None:
    never, start = Event(), time.monotonic()
    outcomes = side_by_side({"slow": never.wait, "quick": lambda: 7}, 0.1)
    assert time.monotonic() - start < 5
    assert outcomes["quick"] == 7
    assert str(outcomes["slow"]) == "no answer within 0.1 s"


def test_an_error_is_an_outcome() -> None:
    assert isinstance(side_by_side({"broken": lambda: 1 / 0}, 5)["broken"], ZeroDivisionError)


def test_a_bucket_that_nobody_serves_leaves_all_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_STORAGE_CUSTOM_ENDPOINT", NOBODY)
    monkeypatch.setenv("GOOGLE_COMPUTE_CUSTOM_ENDPOINT", NOBODY)
    raw = {"clusterName": "dev", "replicas": [{"name": "m1", "zone": "europe-west1-b"}]}
    through = Google(ProviderConfig.read({"accessToken": "token"}.get))
    config = parse(raw, region="europe-west1", project="lab-project")
    assert isinstance(look(config.replicas, config, through), Unseen)
