"""When are the official engine and plugins good enough?"""

from __future__ import annotations

import pytest

from lab.toolchain.choose import Installed, official_suffices, version

PLUGINS = {"gcp": "10.2.0", "tls": "5.6.2"}
BOTH: dict[str, frozenset[str | None]] = {"gcp": frozenset({"10.2.0"}), "tls": frozenset({"5.6.1", "5.6.2"})}


@pytest.mark.parametrize(
    ("installed", "suffices"),
    [
        pytest.param(Installed(), False, id="nothing"),
        pytest.param(Installed("v3.259.0", BOTH), True, id="the SDK's own version"),
        pytest.param(Installed("v3.272.0", BOTH), True, id="a newer engine"),
        pytest.param(Installed("v3.258.1", BOTH), False, id="an older engine"),
        pytest.param(Installed("v4.0.0", BOTH), False, id="another major version"),
        pytest.param(Installed("not a version", BOTH), False, id="an engine that says nothing of use"),
        pytest.param(Installed("v3.259.0", {"gcp": BOTH["gcp"]}), False, id="a plugin is missing"),
        pytest.param(
            Installed("v3.259.0", BOTH | {"tls": frozenset({"5.6.1"})}),
            False,
            id="a plugin of another version",
        ),
        pytest.param(Installed("v3.259.0", BOTH | {"tls": frozenset({None})}), True, id="a plugin on PATH"),
    ],
)
def test_official_tools_are_used_where_they_can_run_the_program(installed: Installed, suffices: bool) -> None:
    assert official_suffices(installed, "3.259.0", PLUGINS) is suffices


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        pytest.param("v3.259.0", (3, 259, 0), id="as pulumi prints it"),
        pytest.param("3.260.0-alpha.1", (3, 260, 0), id="before a release"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_version(text: str, parsed: tuple[int, int, int] | None) -> None:
    assert version(text) == parsed
