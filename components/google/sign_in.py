"""Signing in as the provider does, by what `provider_config` found. The first request does it, not the construction."""

from __future__ import annotations

import functools
import json
import threading
import warnings
from typing import Any

import google.auth
import requests
from google.auth import impersonated_credentials
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials

from components.google.provider_config import ProviderConfig

SIGN_IN_TIMEOUT_SECONDS = 30


class NotSignedInError(OSError):
    """Nobody gave a token. An OSError, as whatever else keeps a call from being made: those who wait, wait on."""


class SignIn(requests.auth.AuthBase):
    """Puts a token that is valid into each request; threads may share it.

    The libraries' own session would ask Google, beside each refresh, where the account may be used
    (`google/auth/_regional_access_boundary_utils.py`), which isn't asked for here.
    """

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._ask = functools.partial(Request(), timeout=SIGN_IN_TIMEOUT_SECONDS)
        self._credentials: Any = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        try:
            with self._lock:
                if self._credentials is None:
                    self._credentials = credentials(self._config)
                if not self._credentials.valid:
                    self._credentials.refresh(self._ask)
            self._credentials.apply(request.headers)
        except (GoogleAuthError, ValueError) as error:
            raise NotSignedInError(_why(self._config, error)) from error
        return request


def credentials(config: ProviderConfig) -> Any:
    """Returns google-auth's credentials, which may have to be refreshed before their first use."""
    base = _base(config)
    if not config.impersonated:
        return base
    endpoint = dict(config.endpoints)["iam_credentials"]
    return impersonated_credentials.Credentials(
        base,
        config.impersonated,
        list(config.scopes),
        delegates=[account(each) for each in config.delegates],
        iam_endpoint_override=f"{endpoint}{account(config.impersonated)}:generateAccessToken",
    )


def account(email: str) -> str:
    """Returns the account as the API names it: https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts."""
    return email if email.startswith("projects/") else f"projects/-/serviceAccounts/{email}"


def _base(config: ProviderConfig) -> Any:
    if config.token:
        return Credentials(config.token)
    if not config.key:
        return google.auth.default(scopes=config.scopes)[0]
    with warnings.catch_warnings():
        # It warns of documents that come from strangers. This one is the operator's own.
        warnings.simplefilter("ignore", DeprecationWarning)
        return google.auth.load_credentials_from_dict(json.loads(config.key), scopes=config.scopes)[0]


def _why(config: ProviderConfig, error: Exception) -> str:
    by = f" by {config.said_by}" if config.said_by else ""
    then = f" and becoming {config.impersonated}" if config.impersonated else ""
    return f"signing in{by}{then}: {error}"
