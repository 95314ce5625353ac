"""Objects, through raw HTTP and through Google's own client."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.resources import files

import pytest
import requests
from googleapiclient.discovery import build_from_document
from googleapiclient.http import MediaIoBaseUpload

from lab.simulator.server import Simulator
from lab.simulator.services.storage.checksums import crc32c, etag

http = requests.Session()

TEXT = "At least one of the pre-conditions you specified did not hold."


class Bucket:
    def __init__(self, simulator, name="ha-test", **settings):
        self.api = f"{simulator.url}/storage/v1"
        self.media = f"{simulator.url}/upload/storage/v1/b/{name}/o"
        self.url = f"{self.api}/b/{name}"
        made = http.post(f"{self.api}/b?project=lab-project", json={"name": name, **settings})
        assert made.status_code == 200, made.text

    def write(self, name, data=b"x", **params):
        return http.post(
            self.media,
            params={"uploadType": "media", "name": name, **params},
            data=data,
            headers={"Content-Type": "text/plain"},
        )

    def get(self, name, **params):
        return http.get(f"{self.url}/o/{name.replace('/', '%2F')}", params=params)

    def names(self, **params):
        reply = http.get(f"{self.url}/o", params=params).json()
        return [o["name"] for o in reply.get("items", [])], reply.get("prefixes", [])


@pytest.fixture
def bucket(simulator):
    return Bucket(simulator)


@pytest.fixture
def versioned(simulator):
    return Bucket(simulator, versioning={"enabled": True})


def client(url):
    """google-api-python-client, pointed at the simulator."""
    text = (files("googleapiclient") / "discovery_cache" / "documents" / "storage.v1.json").read_text()
    document = json.loads(text) | {"rootUrl": f"{url}/", "baseUrl": f"{url}/storage/v1/"}
    document.pop("mtlsRootUrl", None)
    return build_from_document(document, developerKey="none")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(b"123456789", 0xE3069283, id="check value of RFC 3720"),
    ],
)
def test_crc32c(data, expected):
    assert crc32c(data) == expected


def test_etags_are_those_of_google():
    assert etag(1) == "CAE="
    assert etag(300, 1) == base64.b64encode(b"\x08\xac\x02\x10\x01").decode()


def test_what_was_written_is_read_with_its_checksums(bucket):
    written = bucket.write("a/b c", b"hello").json()
    assert (
        written["md5Hash"] == base64.b64encode(hashlib.md5(b"hello", usedforsecurity=False).digest()).decode()
    )
    assert base64.b64decode(written["crc32c"]) == crc32c(b"hello").to_bytes(4, "big")
    assert (written["size"], written["contentType"], written["metageneration"]) == ("5", "text/plain", "1")
    assert bucket.get("a/b c").json() == written
    media = bucket.get("a/b c", alt="media")
    assert media.content == b"hello"
    assert media.headers["x-goog-generation"] == written["generation"]


def test_updated_and_the_date_header_are_of_one_clock(bucket):
    bucket.write("status/m1-b.json")
    reply = bucket.get("status/m1-b.json")
    updated = reply.json()["updated"].replace("Z", "+0000")
    age = parsedate_to_datetime(reply.headers["Date"]) - datetime.strptime(updated, "%Y-%m-%dT%H:%M:%S.%f%z")
    assert abs(age.total_seconds()) < 3


def test_generations_grow_and_a_claim_can_be_made_once(bucket):
    first = bucket.write("bootstrap.json", ifGenerationMatch=0)
    second = bucket.write("bootstrap.json", ifGenerationMatch=0)
    assert first.status_code == 200
    assert second.status_code == 412
    error = second.json()["error"]
    assert error["errors"][0]["reason"] == "conditionNotMet"
    assert error["message"] == TEXT
    third = bucket.write("bootstrap.json", ifGenerationMatch=first.json()["generation"])
    assert int(third.json()["generation"]) > int(first.json()["generation"])


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"ifGenerationMatch": 1}, 412, id="another generation"),
        pytest.param({"ifMetagenerationMatch": 1}, 200, id="metageneration matches"),
        pytest.param({"ifMetagenerationNotMatch": 1}, 304, id="not modified"),
        pytest.param({"ifGenerationNotMatch": 1}, 200, id="modified"),
        pytest.param({"generation": 1}, 404, id="a generation that never was"),
    ],
)
def test_preconditions_of_reads(bucket, params, code):
    bucket.write("a")
    assert bucket.get("a", **params).status_code == code


def test_a_failed_write_leaves_nothing(bucket):
    assert bucket.write("a", ifGenerationMatch=5).status_code == 412
    assert bucket.get("a").status_code == 404
    assert bucket.get("a").json()["error"]["message"] == "No such object: ha-test/a"


def test_a_versioned_bucket_keeps_what_was_overwritten(versioned):
    old = versioned.write("a", b"1").json()["generation"]
    new = versioned.write("a", b"2").json()["generation"]
    assert versioned.get("a", alt="media").content == b"2"
    assert versioned.get("a", alt="media", generation=old).content == b"1"
    listed = http.get(f"{versioned.url}/o", params={"versions": "true"}).json()["items"]
    assert [o["generation"] for o in listed] == [old, new]
    assert "timeDeleted" in listed[0]
    assert "timeDeleted" not in listed[1]


def test_a_deleted_object_of_a_versioned_bucket_blocks_the_bucket(versioned):
    generation = versioned.write("a").json()["generation"]
    assert http.delete(f"{versioned.url}/o/a").status_code == 204
    assert versioned.get("a").status_code == 404
    refused = http.delete(versioned.url)
    assert refused.status_code == 409
    assert "not empty" in refused.json()["error"]["message"]
    assert http.delete(f"{versioned.url}/o/a?generation={generation}").status_code == 204
    assert http.delete(versioned.url).status_code == 204


def test_an_overwritten_object_of_a_plain_bucket_is_gone(bucket):
    old = bucket.write("a", b"1").json()["generation"]
    bucket.write("a", b"2")
    assert bucket.get("a", generation=old).status_code == 404


def test_lists_fold_and_page(bucket):
    for name in ("a", "d/1", "d/2", "e/1", "z"):
        bucket.write(name)
    assert bucket.names(delimiter="/") == (["a", "z"], ["d/", "e/"])
    assert bucket.names(prefix="d/", delimiter="/") == (["d/1", "d/2"], [])
    assert bucket.names(matchGlob="**/1") == (["d/1", "e/1"], [])
    assert bucket.names(startOffset="d/2", endOffset="z") == (["d/2", "e/1"], [])
    seen, token = [], None
    while True:
        params = {"maxResults": 1, "delimiter": "/"} | ({"pageToken": token} if token else {})
        reply = http.get(f"{bucket.url}/o", params=params).json()
        seen += [o["name"] for o in reply.get("items", [])] + reply.get("prefixes", [])
        token = reply.get("nextPageToken")
        if not token:
            break
    assert seen == ["a", "d/", "e/", "z"]


@pytest.mark.parametrize("resumable", [False, True], ids=["multipart", "resumable"])
def test_uploads_of_the_google_client(simulator, bucket, resumable):
    objects = client(simulator.url).objects()
    content = bytes(range(256)) * 2048
    media = MediaIoBaseUpload(io.BytesIO(content), "image/png", chunksize=262_144, resumable=resumable)
    body = {
        "name": "big",
        "metadata": {"k": "v"},
        "crc32c": base64.b64encode(crc32c(content).to_bytes(4)).decode(),
    }
    made = objects.insert(bucket="ha-test", body=body, media_body=media).execute()
    assert (made["contentType"], made["metadata"]) == ("image/png", {"k": "v"})
    assert objects.get_media(bucket="ha-test", object="big").execute() == content


def test_a_wrong_checksum_is_refused(simulator, bucket):
    objects = client(simulator.url).objects()
    media = MediaIoBaseUpload(io.BytesIO(b"x"), "text/plain")
    with pytest.raises(Exception, match="doesn't match calculated CRC32C"):
        objects.insert(bucket="ha-test", body={"name": "a", "crc32c": "AAAAAA=="}, media_body=media).execute()


def test_metadata_changes_without_a_new_generation(bucket):
    written = bucket.write("a").json()
    patched = http.patch(
        f"{bucket.url}/o/a", json={"metadata": {"k": "v"}, "cacheControl": "no-store"}
    ).json()
    assert patched["generation"] == written["generation"]
    assert patched["metageneration"] == "2"
    cleared = http.patch(f"{bucket.url}/o/a", json={"metadata": {"k": None}, "cacheControl": None}).json()
    assert "cacheControl" not in cleared
    stale = http.patch(f"{bucket.url}/o/a?ifMetagenerationMatch=1", json={"metadata": {"k": "w"}})
    assert stale.status_code == 412


def test_a_hold_protects(bucket):
    bucket.write("a")
    http.patch(f"{bucket.url}/o/a", json={"temporaryHold": True})
    assert http.delete(f"{bucket.url}/o/a").status_code == 403
    assert bucket.write("a").status_code == 403


def test_copies_compositions_and_moves(bucket):
    bucket.write("a", b"1")
    bucket.write("b", b"2")
    rewritten = http.post(f"{bucket.url}/o/a/rewriteTo/b/ha-test/o/c%2Fd").json()
    assert rewritten["done"]
    assert bucket.get("c/d", alt="media").content == b"1"
    composed = http.post(
        f"{bucket.url}/o/ab/compose", json={"sourceObjects": [{"name": "a"}, {"name": "b"}]}
    ).json()
    assert composed["componentCount"] == 2
    assert "md5Hash" not in composed
    assert bucket.get("ab", alt="media").content == b"12"
    assert http.post(f"{bucket.url}/o/a/moveTo/o/z").status_code == 200
    assert bucket.names() == (["ab", "b", "c/d", "z"], [])
    stale = http.post(f"{bucket.url}/o/b/copyTo/b/ha-test/o/e?ifSourceGenerationMatch=1")
    assert stale.status_code == 412


def test_ranges(bucket):
    bucket.write("a", b"0123456789")
    part = http.get(f"{bucket.url}/o/a?alt=media", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")


def test_writes_are_published(simulator, bucket):
    seen = []
    simulator.lab.events.subscribe("object.written", lambda **data: seen.append(data))
    generation = bucket.write("desired/members.json").json()["generation"]
    assert seen == [{"bucket": "ha-test", "name": "desired/members.json", "generation": generation}]


def test_objects_survive_a_restart(tmp_path):
    with Simulator(tmp_path) as first:
        Bucket(first).write("a", b"1")
    with Simulator(tmp_path) as second:
        assert http.get(f"{second.url}/storage/v1/b/ha-test/o/a?alt=media").content == b"1"


def test_the_xml_api_reads_what_the_json_api_wrote(bucket, simulator):
    bucket.write("folder/one.txt", b"content")
    read = http.get(f"{simulator.url}/ha-test/folder%2Fone.txt")
    assert (read.status_code, read.content) == (200, b"content")
    assert read.headers["x-goog-generation"]
    assert http.get(f"{simulator.url}/ha-test/nothing").status_code == 404


def test_a_part_without_its_type_is_taken(bucket):
    head, media = '{"name": "typed", "contentType": "text/plain"}', "some\r\ntext"
    body = f"--x\r\n\r\n{head}\r\n--x\r\n\r\n{media}\r\n--x--".encode()
    sent = http.post(
        bucket.media,
        params={"uploadType": "multipart"},
        data=body,
        headers={"Content-Type": "multipart/related; boundary=x"},
    )
    assert sent.status_code == 200, sent.text
    assert sent.json()["contentType"] == "text/plain"
    assert bucket.get("typed", alt="media").content == media.encode()


def test_what_a_retention_keeps_stays(simulator):
    kept = Bucket(simulator, "ha-kept", retentionPolicy={"retentionPeriod": "60"})
    assert kept.write("a").status_code == 200
    for refused in (http.delete(f"{kept.url}/o/a"), kept.write("a", b"y")):
        assert (refused.status_code, refused.json()["error"]["errors"][0]["reason"]) == (
            403,
            "retentionPolicyNotMet",
        )
    assert kept.get("a", alt="media").content == b"x"
