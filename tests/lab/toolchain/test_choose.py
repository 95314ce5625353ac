"""When are the official engine and plugins good enough?"""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.toolchain.choose import Installed, look, official_suffices, version

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


def test_what_was_built_here_is_not_taken_for_an_official_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a shell with `lab env`: engine and home are those of the lab."""
    built = tmp_path / "ha-masters" / "toolchain" / "0123456789abcdef"
    engine = built / "bin" / "pulumi"
    engine.parent.mkdir(parents=True)
    engine.write_text("#!/bin/sh\necho v3.259.0\n")
    engine.chmod(0o755)
    provider = built / "home" / "plugins" / "resource-gcp-v10.2.0" / "pulumi-resource-gcp"
    provider.parent.mkdir(parents=True)
    provider.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(engine.parent), prepend=":")
    monkeypatch.setenv("PULUMI_HOME", str(built / "home"))
    assert look(("gcp",)) == Installed()
