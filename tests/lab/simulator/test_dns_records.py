"""Zones, record sets and changes."""

from __future__ import annotations

import pytest
import requests

from lab.simulator.server import Simulator
from lab.simulator.services.dns import rules

http = requests.Session()

A = {"name": "api.dev.example.com.", "type": "A", "ttl": 60, "rrdatas": ["203.0.113.7"]}


@pytest.fixture
def zones(simulator):
    return f"{simulator.url}/dns/v1/projects/lab-project/managedZones"


@pytest.fixture
def zone(zones):
    body = {"name": "dev", "dnsName": "dev.example.com.", "description": ""}
    assert http.post(zones, json=body).status_code == 200
    return f"{zones}/dev"


def change(zone, **sides):
    return http.post(f"{zone}/changes", json=sides)


def rrsets(zone, **params):
    return http.get(f"{zone}/rrsets", params=params).json()["rrsets"]


@pytest.mark.parametrize(
    ("target", "address"),
    [
        pytest.param({"ipv4Address": "172.16.1.10"}, "172.16.1.10", id="IPv4"),
        pytest.param({"domainName": "ns.example.org."}, "", id="name"),
        pytest.param({"ipv6Address": "fd20:3e9::1"}, "", id="IPv6"),
    ],
)
def test_a_forwarding_target_shows_an_address(zones, target, address):
    body = {"name": "dev", "dnsName": "dev.example.com.", "description": "", "visibility": "private"}
    made = http.post(zones, json=body | {"forwardingConfig": {"targetNameServers": [target]}}).json()
    assert made["forwardingConfig"]["targetNameServers"][0]["ipv4Address"] == address


def test_logging_that_is_off_is_shown(zone):
    assert http.patch(zone, json={"cloudLoggingConfig": {}}).status_code == 200
    assert http.get(zone).json()["cloudLoggingConfig"]["enableLogging"] is False


def test_a_zone_has_a_policy_of_its_own(zones, zone):
    """TestAccDNSManagedZoneIam…Generated, which pass at Google."""
    binding = {"role": "roles/dns.admin", "members": ["user:admin@example.com"]}
    assert http.post(f"{zone}:setIamPolicy", json={"policy": {"bindings": [binding]}}).status_code == 200
    asked = f"{zone}:getIamPolicy?options.requestedPolicyVersion=3"
    assert http.post(asked, json={}).json()["bindings"] == [binding]
    http.delete(zone)
    http.post(zones, json={"name": "dev", "dnsName": "dev.example.com.", "description": ""})
    assert "bindings" not in http.post(f"{zone}:getIamPolicy", json={}).json()


def test_a_zone_is_born_with_ns_and_soa(zone):
    assert [r["type"] for r in rrsets(zone)] == ["NS", "SOA"]
    assert http.get(zone).json()["nameServers"][0] == "ns-cloud-a1.googledomains.com."


def test_a_record_comes_moves_and_goes(zone):
    made = change(zone, additions=[A])
    assert made.json()["status"] == "done"
    assert http.get(f"{zone}/changes/{made.json()['id']}").json() == made.json()
    moved = A | {"rrdatas": ["203.0.113.8"]}
    assert change(zone, deletions=[A], additions=[moved]).status_code == 200
    assert rrsets(zone, name=A["name"], type="A")[0]["rrdatas"] == ["203.0.113.8"]
    assert change(zone, deletions=[moved]).status_code == 200
    assert rrsets(zone, name=A["name"], type="A") == []


@pytest.mark.parametrize(
    ("sides", "code", "reason"),
    [
        pytest.param({"additions": [A]}, 409, "alreadyExists", id="there already"),
        pytest.param({"deletions": [A | {"ttl": 61}]}, 412, "conditionNotMet", id="another ttl"),
        pytest.param({"deletions": [A | {"rrdatas": ["203.0.113.9"]}]}, 412, "conditionNotMet", id="value"),
        pytest.param({"deletions": [A | {"name": "x.dev.example.com."}]}, 404, "notFound", id="not there"),
        pytest.param({"additions": [A | {"name": "x.other.com."}]}, 400, "invalid", id="outside the zone"),
        pytest.param({"additions": [A | {"name": "x.dev.example.com"}]}, 400, "invalid", id="no final dot"),
        pytest.param({"additions": [A | {"type": "B"}]}, 400, "invalid", id="no such type"),
        pytest.param(
            {"additions": [A | {"type": "CNAME", "rrdatas": ["a.b."]}]},
            400,
            "cnameResourceRecordSetConflict",
            id="CNAME beside A",
        ),
        pytest.param({}, 400, "required", id="nothing asked"),
    ],
)
def test_what_is_refused(zone, sides, code, reason):
    change(zone, additions=[A])
    reply = change(zone, **sides)
    assert (reply.status_code, reply.json()["error"]["errors"][0]["reason"]) == (code, reason)


@pytest.mark.parametrize(
    "value", ["203.0.113.256", "203.0.113", "::1", "example.com.", " 203.0.113.1", "203.0.113.01"]
)
def test_what_is_no_a_record(value):
    assert rules.complaint(A | {"rrdatas": [value]}, "dev.example.com.") == ("rrdata[0]", value)


def test_a_change_is_all_or_nothing(zone):
    wrong = A | {"name": "b.dev.example.com.", "rrdatas": ["nonsense"]}
    assert change(zone, additions=[A, wrong]).status_code == 400
    assert rrsets(zone, name=A["name"]) == []


def test_a_zone_that_holds_records_stays(zone):
    change(zone, additions=[A])
    refused = http.delete(zone)
    assert refused.json()["error"]["errors"][0]["reason"] == "containerNotEmpty"
    change(zone, deletions=[A])
    assert http.delete(zone).status_code == 204
    assert http.get(zone).status_code == 404


def test_the_apex_keeps_its_records(zone):
    soa = next(r for r in rrsets(zone) if r["type"] == "SOA")
    assert change(zone, deletions=[soa]).status_code == 400
    assert change(zone, deletions=[soa], additions=[soa | {"ttl": 300}]).status_code == 200


def test_record_sets_one_by_one(zone):
    assert http.post(f"{zone}/rrsets", json=A).status_code == 200
    url = f"{zone}/rrsets/{A['name']}/A"
    assert http.get(url).json()["ttl"] == 60
    assert http.patch(url, json={"ttl": 5}).json()["ttl"] == 5
    assert http.delete(url).status_code == 200
    assert http.get(url).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"name": "Dev", "dnsName": "a.b.", "description": ""}, id="name"),
        pytest.param({"name": "dev", "dnsName": "a.b", "description": ""}, id="no final dot"),
        pytest.param({"name": "dev", "dnsName": "a.b."}, id="no description"),
    ],
)
def test_zones_that_are_refused(zones, body):
    assert http.post(zones, json=body).status_code == 400


def test_an_update_replies_with_an_operation(zone):
    reply = http.patch(zone, json={"description": "x", "labels": {"a": "b"}}).json()
    assert (reply["kind"], reply["status"]) == ("dns#operation", "done")
    assert http.get(zone).json()["description"] == "x"
    assert http.patch(zone, json={"dnsName": "other.com."}).status_code == 400


def test_a_change_takes_its_time_under_the_realistic_profile(tmp_path):
    with Simulator(tmp_path, profile="realistic") as slow:
        zones = f"{slow.url}/dns/v1/projects/lab-project/managedZones"
        http.post(zones, json={"name": "dev", "dnsName": "dev.example.com.", "description": ""})
        assert change(f"{zones}/dev", additions=[A]).json()["status"] == "pending"


def test_a_public_zone_has_no_networks(zones):
    body = {"name": "pub", "dnsName": "p.example.com.", "description": "", "visibility": "public"}
    made = http.post(zones, json=body | {"privateVisibilityConfig": {"networks": []}}).json()
    assert "privateVisibilityConfig" not in made
