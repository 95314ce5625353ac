"""Errors that the APIs answer with, in Google's words (texts: research notes on GCE, section 1)."""

from __future__ import annotations

from typing import Any

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    416: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class ApiError(Exception):
    """An HTTP error. `status` is the canonical code that the newer APIs add; it follows from `code` unless given."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        status: str | None = None,
        details: list[Any] | None = None,
        location: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.status = status or _STATUS.get(code, "UNKNOWN")
        self.details = details or []
        self.location = location

    def legacy_body(self) -> dict[str, Any]:
        """The shape of compute, storage and dns."""
        item: dict[str, Any] = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.location:
            item |= {"location": self.location, "locationType": "header"}
        error: dict[str, Any] = {"code": self.code, "message": self.message, "errors": [item]}
        if self.details:
            error["details"] = self.details
        return {"error": error}

    def rpc_body(self) -> dict[str, Any]:
        """The shape of secretmanager, iam and cloudresourcemanager."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def not_found(resource: str) -> ApiError:
    return ApiError(404, "notFound", f"The resource '{resource}' was not found")


def already_exists(resource: str) -> ApiError:
    return ApiError(409, "alreadyExists", f"The resource '{resource}' already exists")


def in_use(noun: str, resource: str, user: str) -> ApiError:
    """`noun` is GCE's word for the kind, as in 'The disk resource …'."""
    return ApiError(
        400,
        "resourceInUseByAnotherResource",
        f"The {noun} resource '{resource}' is already being used by '{user}'",
    )


def not_ready(resource: str) -> ApiError:
    return ApiError(400, "resourceNotReady", f"The resource '{resource}' is not ready")


def condition_not_met(message: str) -> ApiError:
    return ApiError(412, "conditionNotMet", message, location="If-Match")


def invalid(field: str, value: object, explanation: str) -> ApiError:
    """A field is named as the API does: `resource.name`."""
    shown = "" if value is None else value
    return ApiError(400, "invalid", f"Invalid value for field '{field}': '{shown}'. {explanation}")


def required(field: str) -> ApiError:
    return ApiError(400, "required", f"Required field '{field}' not specified")


def bad_request(message: str, reason: str = "badRequest") -> ApiError:
    return ApiError(400, reason, message)


def forbidden(permission: str, resource: str) -> ApiError:
    return ApiError(403, "forbidden", f"Required '{permission}' permission for '{resource}'")


def quota_exceeded(metric: str, limit: float, where: str) -> ApiError:
    """`where` is 'in region europe-west1' or 'globally'."""
    return ApiError(403, "quotaExceeded", f"Quota '{metric}' exceeded.  Limit: {float(limit)} {where}.")


def ip_space_exhausted(subnetwork: str, free_of: object) -> ApiError:
    """`subnetwork` is a relative path, `free_of` the range in which nothing is left.

    The words are those of https://github.com/Privatehive/gcp-hosted-github-runner/pull/7: an operation's error.
    """
    text = f"IP space of '{subnetwork}' is exhausted. Insufficient free IP addresses in the IP range '{free_of}'. "
    text += "Consider expanding the current IP range or selecting an alternative IP range. "
    text += "If this is a secondary range, consider adding an additional secondary range."
    return ApiError(400, "IP_SPACE_EXHAUSTED_WITH_DETAILS", text)


def not_simulated(what: str) -> ApiError:
    """`what` is a method, a field or a thing that Google has."""
    return ApiError(501, "notImplemented", f"The simulator doesn't implement {what}.")


def check_between(field: str, given: float, low: float, high: float) -> None:
    """Raises ApiError for a number that the API refuses."""
    if not low <= given <= high:
        raise invalid(field, given, f"Must be between {low} and {high}.")


def simulator_bug(message: str) -> ApiError:
    return ApiError(500, "internalError", f"Simulator bug: {message}")
