"""A fixed sample of the crash matrix; `make crash-matrix` is the whole."""

from __future__ import annotations

import pytest

from tests.crash.kinds import KINDS
from tests.crash.scenarios import SCENARIOS
from tests.crash.stage import Stage
from tests.crash.trial import trial

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        pytest.param("unavailable", "", marks=pytest.mark.matrix),
        pytest.param("lost-reply", "forwardingRules.insert", marks=pytest.mark.matrix),
        pytest.param("lost-reply", "secrets.addVersion", marks=pytest.mark.matrix),
        pytest.param("killed", "forwardingRules.delete", marks=pytest.mark.matrix),
        ("killed", "instances.insert"),
    ],
)
def test_running_it_again_finishes_it(stage: Stage, kind: str, words: str) -> None:
    """One becomes three; without `words` every call of the update fails once."""
    scenario = SCENARIOS["1-3"]
    calls = [call for call in stage.undisturbed(scenario).calls if words in call.method]
    report = trial(stage, scenario, KINDS[kind], calls[:1] if words else calls)
    assert report.fired
    assert report.complaints == []
