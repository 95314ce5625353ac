"""Who the gates, the looks and the commands are to Google: whoever the provider is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.google.provider_config import SCOPES, ProviderConfig, ProviderRefusedError

KEY = json.dumps({"type": "service_account", "private_key": "not to be seen"})
OTHER = json.dumps({"type": "authorized_user", "refresh_token": "not to be seen"})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Of somebody who never signed in."""
    return tmp_path


@pytest.fixture
def read(home: Path) -> Callable[..., ProviderConfig]:
    def reader(settings: dict[str, Any], **variables: str) -> ProviderConfig:
        return ProviderConfig.read(settings.get, {"HOME": str(home), **variables})

    return reader


@pytest.mark.parametrize(
    ("settings", "variables", "said_by"),
    [
        pytest.param(
            {"accessToken": "t"},
            {"GOOGLE_OAUTH_ACCESS_TOKEN": "v", "GOOGLE_CREDENTIALS": OTHER},
            "gcp:accessToken",
            id="the config's token beats every variable",
        ),
        pytest.param(
            {"credentials": KEY},
            {"GOOGLE_OAUTH_ACCESS_TOKEN": "v", "GOOGLE_CREDENTIALS": OTHER},
            "gcp:credentials",
            id="the config's key beats every variable, also one with a token",
        ),
        pytest.param(
            {},
            {"GOOGLE_OAUTH_ACCESS_TOKEN": "v", "GOOGLE_CREDENTIALS": KEY},
            "GOOGLE_OAUTH_ACCESS_TOKEN",
            id="of two variables, the token",
        ),
        pytest.param(
            {},
            {"GOOGLE_CREDENTIALS": KEY, "GOOGLE_CLOUD_KEYFILE_JSON": OTHER, "GCLOUD_KEYFILE_JSON": OTHER},
            "GOOGLE_CREDENTIALS",
            id="the key's variable before its older names",
        ),
        pytest.param(
            {},
            {"GOOGLE_CREDENTIALS": "", "GOOGLE_CLOUD_KEYFILE_JSON": KEY, "GCLOUD_KEYFILE_JSON": OTHER},
            "GOOGLE_CLOUD_KEYFILE_JSON",
            id="an empty variable is none",
        ),
        pytest.param({}, {"GCLOUD_KEYFILE_JSON": KEY}, "GCLOUD_KEYFILE_JSON", id="the oldest name"),
        pytest.param({"credentials": ""}, {}, "", id="nothing, so whatever machine this is"),
    ],
)
def test_the_order_is_the_providers(
    read: Callable[..., ProviderConfig], settings: dict[str, Any], variables: dict[str, str], said_by: str
) -> None:
    found = read(settings, **variables)
    assert found.said_by == said_by
    assert bool(found.token) == ("oken" in said_by.lower())
    assert found.key in ("", KEY)


def test_a_key_may_be_a_path_or_what_stands_there(
    read: Callable[..., ProviderConfig], tmp_path: Path
) -> None:
    file = tmp_path / "key.json"
    file.write_text(KEY)
    assert read({"credentials": str(file)}).key == read({"credentials": KEY}).key == KEY


def test_a_token_may_be_a_path(read: Callable[..., ProviderConfig], tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("ya29\n")
    assert read({}, GOOGLE_OAUTH_ACCESS_TOKEN=str(file)).token == "ya29"


def test_the_default_credentials_come_last(read: Callable[..., ProviderConfig], home: Path) -> None:
    known = home / ".config" / "gcloud" / "application_default_credentials.json"
    known.parent.mkdir(parents=True)
    known.write_text(OTHER)
    named = home / "named.json"
    named.write_text(KEY)
    assert read({}).key == OTHER
    assert read({}, GOOGLE_APPLICATION_CREDENTIALS=str(named)).key == KEY
    assert read({}, GOOGLE_APPLICATION_CREDENTIALS=str(named), GOOGLE_CREDENTIALS=OTHER).key == OTHER


@pytest.mark.parametrize(
    ("settings", "variables", "impersonated"),
    [
        pytest.param({}, {}, "", id="nobody"),
        pytest.param({}, {"GOOGLE_IMPERSONATE_SERVICE_ACCOUNT": "v@p"}, "v@p", id="the variable"),
        pytest.param(
            {"impersonateServiceAccount": "c@p"},
            {"GOOGLE_IMPERSONATE_SERVICE_ACCOUNT": "v@p"},
            "c@p",
            id="the config before the variable",
        ),
        pytest.param(
            {"impersonateServiceAccount": "c@p", "accessToken": "t"}, {}, "c@p", id="beside any credentials"
        ),
    ],
)
def test_whom_it_becomes(
    read: Callable[..., ProviderConfig],
    settings: dict[str, Any],
    variables: dict[str, str],
    impersonated: str,
) -> None:
    assert read(settings, **variables).impersonated == impersonated


def test_lists_come_as_json(read: Callable[..., ProviderConfig]) -> None:
    found = read({"impersonateServiceAccountDelegates": '["a@p", "b@p"]', "scopes": '["s"]'})
    assert (found.delegates, found.scopes, read({}).scopes) == (("a@p", "b@p"), ("s",), SCOPES)


def test_endpoints_are_the_configs_then_the_variables_then_googles(
    read: Callable[..., ProviderConfig],
) -> None:
    found = read(
        {"computeCustomEndpoint": "http://c/"},
        GOOGLE_COMPUTE_CUSTOM_ENDPOINT="http://v/",
        GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT="http://v/v1/",
    )
    endpoints = dict(found.endpoints)
    assert (endpoints["compute"], endpoints["iam_credentials"]) == ("http://c/", "http://v/v1/")
    assert endpoints["dns"] == "https://dns.googleapis.com/dns/v1/"


@pytest.mark.parametrize(
    ("settings", "variables", "told"),
    [
        pytest.param(
            {"externalCredentials": '{"audience": "a"}'},
            {},
            "gcp:externalCredentials is set: the provider would sign in by it, and what waits for the masters and reads "
            "what stands can't. Use the file of `gcloud iam workload-identity-pools create-cred-config` as gcp:credentials "
            "or GOOGLE_APPLICATION_CREDENTIALS, or gcp:accessToken.",
            id="external credentials",
        ),
        pytest.param(
            {"universeDomain": "example.com"},
            {},
            'gcp:universeDomain is "example.com": machines and program call Google Cloud at googleapis.com only. Remove it.',
            id="another universe",
        ),
        pytest.param(
            {"credentials": "/no/such/file.json"},
            {},
            "gcp:credentials is neither a file that is there nor credentials as JSON. Set it to the path of a key file, "
            "or to what stands in it.",
            id="no such file",
        ),
        pytest.param(
            {},
            {"GOOGLE_CREDENTIALS": '{"type": "service_account", "private_key": "secret'},
            "GOOGLE_CREDENTIALS is neither a file that is there nor credentials as JSON. Set it to the path of a key file, "
            "or to what stands in it.",
            id="half a key, of which nothing is shown",
        ),
        pytest.param(
            {"credentials": '{"web": {"client_secret": "secret"}}'},
            {},
            'gcp:credentials holds credentials of type "", which the program can\'t use. Use one of authorized_user, '
            "service_account, external_account, external_account_authorized_user, impersonated_service_account, "
            "gdch_service_account, or gcp:accessToken.",
            id="an OAuth client",
        ),
        pytest.param(
            {},
            {"GOOGLE_APPLICATION_CREDENTIALS": "/no/such/file.json"},
            "GOOGLE_APPLICATION_CREDENTIALS names /no/such/file.json, which is no file. Name the file with the credentials, "
            "or unset it.",
            id="default credentials that aren't there",
        ),
        pytest.param(
            {"impersonateServiceAccountDelegates": "a@p"},
            {},
            'gcp:impersonateServiceAccountDelegates is no list. Write one, such as ["…"].',
            id="one delegate that is no list",
        ),
    ],
)
def test_what_only_the_provider_could_do_is_refused(
    read: Callable[..., ProviderConfig], settings: dict[str, Any], variables: dict[str, str], told: str
) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        read(settings, **variables)
    assert str(refused.value) == told


def test_no_token_and_no_key_is_ever_shown(read: Callable[..., ProviderConfig]) -> None:
    assert "seen" not in repr(read({"credentials": KEY}))
    assert "ya29" not in repr(read({"accessToken": "ya29"}))
