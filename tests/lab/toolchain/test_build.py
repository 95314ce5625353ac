"""The key, the estimate, and what an interrupted build leaves."""

from __future__ import annotations

import fcntl
import shutil
import threading
from pathlib import Path

import pytest

from lab.toolchain import build, golang, lock, recipe


def test_key_follows_the_compiler() -> None:
    assert recipe.key("go1.26.8") != recipe.key("go1.26.9")


def test_key_follows_every_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = tmp_path / "toolchain"
    shutil.copytree(recipe.HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(recipe, "HERE", copy)
    before = recipe.key("go")
    for file in list(recipe.sources()):
        text = file.read_text()
        file.write_text(text + "\n")
        assert recipe.key("go") != before, file
        file.write_text(text)


def test_sources_hold_both_modules_the_table_and_the_host() -> None:
    names = {str(file.relative_to(recipe.HERE)) for file in recipe.sources()}
    assert {
        "engine/go.mod",
        "engine/go.sum",
        "providers/go.mod",
        "providers/go.sum",
        "providers/gcp/main.go",
        "providers/gcp/tokens.json",
        "providers/tls/main.go",
        "host/server.py",
    } <= names


def test_providers_answer_the_versions_of_the_installed_packages() -> None:
    by_name = {part.name: part for part in recipe.parts()}
    assert by_name["provider gcp"].version == recipe.installed("pulumi-gcp")
    assert by_name["provider tls"].version == recipe.installed("pulumi-tls")


def test_engine_is_of_the_installed_sdks_version() -> None:
    assert recipe.installed("pulumi") == recipe.ENGINE


def test_estimate_counts_known_times_first_and_the_machines_pace_later() -> None:
    now = 0.0
    estimate = golang.Estimate({"engine": 60, "gcp": 60}, clock=lambda: now)
    assert estimate.left() == "2 min 0 s"
    now = 135.0
    estimate.done("engine", 1)
    assert (estimate.percent(), estimate.left()) == (50, "2 min 0 s")
    estimate.done("gcp", 1)
    assert (estimate.percent(), estimate.left()) == (100, "0 s")


def test_estimate_never_goes_back() -> None:
    estimate = golang.Estimate({"engine": 100}, clock=lambda: 0.0)
    estimate.done("engine", 0.5)
    estimate.done("engine", 0.4)
    assert estimate.percent() == 50


@pytest.fixture
def go_that_fails_at_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A stand-in for Go that writes what it is asked for, and fails the first time at the last part."""
    built: list[str] = []

    def fake(part: recipe.Part, target: Path, total: int, *rest: object) -> None:
        built.append(part.name)
        if part.name == "provider tls" and built.count(part.name) == 1:
            raise golang.BuildFailedError("interrupted")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(part.name)

    sdk = tmp_path / "sdk" / "python"
    for name in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
        (sdk / name).parent.mkdir(parents=True)
        (sdk / name).write_text("#!/bin/sh\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    (tmp_path / "path").mkdir()
    go = tmp_path / "path" / "go"
    go.write_text("#!/bin/sh\n")
    go.chmod(0o755)
    monkeypatch.setattr(recipe, "go_version", lambda: "go1")
    monkeypatch.setattr(golang, "packages", lambda part: frozenset({part.name}))
    monkeypatch.setattr(golang, "build", fake)
    monkeypatch.setattr(golang, "sdk_folder", lambda: sdk.parent)
    return built


def test_an_interrupted_build_goes_on_where_it_stopped(go_that_fails_at_tls: list[str]) -> None:
    with pytest.raises(golang.BuildFailedError):
        build.ensure(lambda line: None)
    toolchain = build.ensure(lambda line: None)
    assert go_that_fails_at_tls == ["engine", "provider gcp", "provider tls", "provider tls"]
    assert (toolchain.bin / "pulumi").read_text() == "engine"


def test_nothing_is_built_twice(go_that_fails_at_tls: list[str]) -> None:
    with pytest.raises(golang.BuildFailedError):
        build.ensure(lambda line: None)
    build.ensure(lambda line: None)
    before = list(go_that_fails_at_tls)
    build.ensure(lambda line: None)
    assert go_that_fails_at_tls == before


def test_a_second_process_waits_for_the_first(tmp_path: Path) -> None:
    path = tmp_path / "key.lock"
    lines: list[str] = []
    entered = threading.Event()

    def second() -> None:
        with lock.held(path, "another process builds the toolchain", lines.append):
            entered.set()

    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = threading.Thread(target=second)
        waiting.start()
        assert not entered.wait(0.5)
    waiting.join(timeout=5)
    assert entered.is_set()
    assert lines == ["another process builds the toolchain; waiting for it"]


def test_without_go_and_without_pulumi_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(build.ToolchainUnavailableError, match="Install either"):
        build.ensure()
