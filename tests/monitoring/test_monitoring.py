"""Alerts, dashboards and the scrape configuration: each alert fires and rests, and no query names what isn't there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.admin.metrics.test_series import everything
from tests.monitoring.promtool import said

FOLDER = Path(__file__).parents[2] / "docs/monitoring"
RULES = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"][0]["rules"]
GUIDE = FOLDER.parent / "guides/monitoring.md"
DEV, M1 = 'cluster="dev"', 'cluster="dev", master="m1-b"'
ZONE = 'cluster="dev", pool="web", zone="europe-west1-b"'
DAY = 86400


@dataclass(frozen=True)
class Case:
    """Samples a minute apart by series, in promtool's notation: after two hours of `fires` it fires, of `rests` not."""

    alert: str
    fires: dict[str, str]
    rests: dict[str, str]


def always(value: float) -> str:
    return f"{value}x120"


CASES = (
    Case(
        "HaMastersQuorumLost",
        {f'verdict{{{DEV}, verdict="lost"}}': always(1)},
        {f'verdict{{{DEV}, verdict="lost"}}': always(0), f'verdict{{{DEV}, verdict="mend"}}': always(1)},
    ),
    Case(
        "HaMastersUnseen",
        {f'verdict{{{DEV}, verdict="unknown"}}': always(1)},
        {f'verdict{{{DEV}, verdict="unknown"}}': "1 0 1 0x117"},
    ),
    Case("HaMastersNotLookedAt", {}, {f"look_timestamp_seconds{{{DEV}}}": "0+60x120"}),
    Case(
        "HaMastersFewerFailuresTolerated",
        {f"failures_tolerated{{{DEV}}}": always(0), f"failures_tolerated_by_design{{{DEV}}}": always(1)},
        {f"failures_tolerated{{{DEV}}}": always(1), f"failures_tolerated_by_design{{{DEV}}}": always(1)},
    ),
    Case(
        "HaMastersVotersNotAsAsked",
        {f"voters{{{DEV}}}": always(2), f"masters_expected{{{DEV}}}": always(3)},
        {f"voters{{{DEV}}}": always(3), f"masters_expected{{{DEV}}}": always(3)},
    ),
    Case(
        "HaMastersMasterNotServing",
        {f"master_serving{{{M1}}}": always(0)},
        {f"master_serving{{{M1}}}": always(1)},
    ),
    Case(
        "HaMastersBackupOld",
        {f"backup_timestamp_seconds{{{DEV}}}": always(0), f"backup_interval_seconds{{{DEV}}}": always(1800)},
        {f"backup_timestamp_seconds{{{DEV}}}": "0+60x120", f"backup_interval_seconds{{{DEV}}}": always(1800)},
    ),
    Case(
        "HaMastersCertificateEnds",
        {f"certificate_expiry_timestamp_seconds{{{M1}}}": always(29 * DAY)},
        {f"certificate_expiry_timestamp_seconds{{{M1}}}": always(60 * DAY)},
    ),
    Case(
        "HaMastersDatabaseFills",
        {f"database_in_use_bytes{{{M1}}}": always(81), f"database_quota_bytes{{{M1}}}": always(100)},
        {f"database_in_use_bytes{{{M1}}}": always(79), f"database_quota_bytes{{{M1}}}": always(100)},
    ),
    Case(
        "HaMastersDatabaseAlarm",
        {f"database_alarms{{{M1}}}": always(1)},
        {f"database_alarms{{{M1}}}": always(0)},
    ),
    Case("HaMastersPoolStuck", {f"pool_stuck{{{ZONE}}}": always(1)}, {f"pool_stuck{{{ZONE}}}": always(0)}),
    Case(
        "HaMastersWorkersMissing",
        {f"pool_workers_ready{{{ZONE}}}": always(2), f"pool_workers_wanted{{{ZONE}}}": always(3)},
        {f"pool_workers_ready{{{ZONE}}}": always(3), f"pool_workers_wanted{{{ZONE}}}": always(3)},
    ),
)


def test_every_alert_has_a_case() -> None:
    assert [case.alert for case in CASES] == [rule["alert"] for rule in RULES]


@pytest.mark.parametrize("fires", [True, False], ids=["fires", "rests"])
@pytest.mark.parametrize("case", CASES, ids=[case.alert for case in CASES])
def test_an_alert(case: Case, fires: bool, tmp_path: Path) -> None:
    series = case.fires if fires else case.rests
    query = f'count(ALERTS{{alertname="{case.alert}", alertstate="firing"}})'
    test = {
        "interval": "1m",
        "input_series": [
            {"series": f"ha_masters_{name}", "values": values} for name, values in series.items()
        ],
        "promql_expr_test": [
            {"expr": query, "eval_time": "2h", "exp_samples": [{"labels": "{}", "value": 1}] if fires else []}
        ],
    }
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(FOLDER / "alerts.yaml")], "tests": [test]}))
    code, words = said("test", "rules", str(file))
    assert code == 0, words


def test_the_scrape_configuration_is_one() -> None:
    assert said("check", "config", "--syntax-only", str(FOLDER / "scrape.yaml"))[0] == 0


@pytest.mark.parametrize("board", sorted(FOLDER.glob("dashboards/*.json")), ids=lambda path: path.stem)
def test_queries_of_a_dashboard_can_be_asked(board: Path, tmp_path: Path) -> None:
    rules = [
        {"record": f"query:{n}", "expr": query}
        for n, query in enumerate(_queries(json.loads(board.read_text())))
    ]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    code, words = said("check", "rules", str(file))
    assert code == 0, words
    assert rules


def test_what_alerts_and_dashboards_ask_for_is_told_and_what_is_told_is_in_the_guide() -> None:
    texts = [path.read_text() for path in (FOLDER / "alerts.yaml", *FOLDER.glob("dashboards/*.json"))]
    told = everything()
    assert {name for text in texts for name in re.findall(r"ha_masters_\w+", text)} <= told
    assert told == set(re.findall(r"`(ha_masters_\w+)`", GUIDE.read_text()))


def _queries(document: Any) -> Iterator[str]:
    for panel in document["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$cluster", "dev")
