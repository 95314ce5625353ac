"""One call from bytes to bytes: route, check, permission, faults, handler, check, journal; one transaction."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import parse_qsl

from lab.simulator import discovery, fields, media, operations, schema
from lab.simulator.context import Lab
from lab.simulator.discovery import Method
from lab.simulator.enabled_services import EnabledServices
from lab.simulator.errors import ApiError, bad_request, forbidden, not_simulated, simulator_bug
from lab.simulator.exchange import Answer, Request, json_answer, resource_name
from lab.simulator.faults import kill
from lab.simulator.journal import redact
from lab.simulator.permissions import permission_of
from lab.simulator.registry import HANDLERS, Call, Reply
from lab.simulator.services.iam.grants import granted
from lab.simulator.xml_reads import as_json_call

log = logging.getLogger(__name__)
_LEGACY = {"compute", "storage", "dns"}
_READS = {"GET", "HEAD"}
_READING_POSTS = (
    "listInstances",
    "listManagedInstances",
    "getHealth",
    "getIamPolicy",
    "testIamPermissions",
    "wait",
    "listNetworkEndpoints",
    "generateAccessToken",
)


class Api:
    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def handle(self, request: Request) -> Answer:
        request = as_json_call(request)
        path, is_upload = request.path, False
        for prefix in ("/resumable/upload/", "/upload/"):
            if path.startswith(prefix):
                path, is_upload = "/" + path[len(prefix) :], True
                break
        if path.startswith("/download/"):
            path = path[len("/download") :]
        query = parse_qsl(request.query, keep_blank_values=True)
        if is_upload and request.method == "PUT":
            return self._continue_upload(request, dict(query))
        found = discovery.find(request.method, path)
        if found is None:
            return self._unrouted(request)
        method, path_params = found
        if is_upload and not method.media_upload:
            return self._unrouted(request)
        try:
            if is_upload:
                kind = dict(query).get("uploadType", "")
                if kind == "resumable":
                    return self._start_upload(request, path, query)
                upload = media.parse(kind, request.headers.get("content-type", ""), request.body)
                return self._run(request, path, method, path_params, query, upload.metadata, upload)
            body = self._body(request, method)
        except ApiError as error:
            with self.lab.store.transaction():
                return self._failed(request, method, "", error)
        return self._run(request, path, method, path_params, query, body, None)

    def _unrouted(self, request: Request) -> Answer:
        error = ApiError(
            404, "notFound", f"Not Found: no method of the simulated APIs is {request.method} {request.path}"
        )
        with self.lab.store.transaction():
            self.lab.journal.call(
                {
                    "methodId": None,
                    "method": request.method,
                    "path": request.path,
                    "code": 404,
                    "reason": "notFound",
                },
                changed=False,
            )
        return json_answer(404, error.legacy_body())

    def _body(self, request: Request, method: Method) -> Any:
        if not request.body.strip() or request.method in _READS:
            return None
        try:
            body = json.loads(request.body)
        except ValueError as error:
            raise bad_request("Invalid JSON payload received. Unexpected token.", "parseError") from error
        if not isinstance(body, dict):
            raise bad_request("Invalid JSON payload received. Expected an object.", "parseError")
        return body

    def _start_upload(self, request: Request, path: str, query: list[tuple[str, str]]) -> Answer:
        with self.lab.store.transaction():
            kept = [(k, v) for k, v in query if k != "uploadType"]
            upload_id = media.start_session(self.lab.store, path, kept, request.headers, request.body)
        where = f"{request.url}{request.path}?uploadType=resumable&upload_id={upload_id}"
        return Answer(200, b"", {"location": where, "x-guploader-uploadid": upload_id})

    def _continue_upload(self, request: Request, query: dict[str, str]) -> Answer:
        upload_id = query.get("upload_id", "")
        try:
            with self.lab.store.transaction():
                session = self.lab.store.get("resumable", upload_id)
                got = media.receive(
                    self.lab.store, upload_id, request.headers.get("content-range"), request.body
                )
        except ApiError as error:
            return json_answer(error.code, error.legacy_body())
        if isinstance(got, int):
            headers = {"range": f"bytes=0-{got - 1}"} if got else {}
            return Answer(308, b"", headers | {"x-guploader-uploadid": upload_id})
        assert session is not None
        found = discovery.find("POST", session["path"])
        assert found is not None
        pairs = [(k, v) for k, v in session["query"]]
        return self._run(request, session["path"], found[0], found[1], pairs, got.metadata, got)

    def _run(
        self,
        request: Request,
        path: str,
        method: Method,
        path_params: dict[str, str],
        query: list[tuple[str, str]],
        body: dict[str, Any] | None,
        upload: media.Upload | None,
    ) -> Answer:
        lab = self.lab
        resource = resource_name(path, path_params, body, method)
        principal = lab.permissions.principal(request.headers.get("authorization"))
        operations.advance(lab)
        actions = lab.faults.due(method.id, resource, principal)
        kill(actions, "before")
        with lab.store.transaction():
            try:
                with lab.store.transaction():
                    answer = self._effect(
                        request, method, path_params, query, body, upload, principal, resource, actions
                    )
            except ApiError as error:
                answer = self._failed(request, method, resource, error, body, principal)
            except Exception as error:
                log.exception("bug in %s", method.id)
                text = f"{method.id}: {type(error).__name__}: {error}"
                answer = self._failed(request, method, resource, simulator_bug(text), body, principal)
            else:
                changed = request.method not in _READS and not method.id.endswith(_READING_POSTS)
                entry = self._entry(request, method, resource, answer.status, None, body, principal)
                lab.journal.call(entry, changed=changed)
        return self._after(answer, actions)

    def _effect(
        self,
        request: Request,
        method: Method,
        path_params: dict[str, str],
        query: list[tuple[str, str]],
        body: dict[str, Any] | None,
        upload: media.Upload | None,
        principal: str,
        resource: str,
        actions: list[dict[str, Any]],
    ) -> Answer:
        lab = self.lab
        params = schema.parameters(method, path_params, query)
        checked = schema.request_body(method, body)
        handler = HANDLERS.get(method.id)
        if handler is None:
            raise not_simulated(method.id)
        EnabledServices(lab.store).check(f"{method.document.service}.googleapis.com", lab.number)
        self._authorize(method, principal, resource)
        for action in actions:
            if action["type"] == "http_error":
                text = action.get("message", "The service is currently unavailable.")
                raise ApiError(action.get("code", 503), action.get("reason", "backendError"), text)
        headers = dict(request.headers)
        if upload is not None and upload.media_type:
            headers["x-media-content-type"] = upload.media_type
        call = Call(
            method_id=method.id,
            params=params,
            body=checked,
            raw=request.body if upload is None else upload.data,
            headers=headers,
            store=lab.store,
            clock=lab.clock,
            events=lab.events,
            principal=principal,
            lab=lab,
            url=request.url,
        )
        lab.extra_delay = sum(a.get("seconds", 0.0) for a in actions if a["type"] == "delay")
        failing = next((a for a in actions if a["type"] == "op_error"), None)
        try:
            reply = operations.run_failing(call, handler, failing) if failing else handler(call)
        finally:
            lab.extra_delay = 0.0
        return self._reply(method, params, reply)

    def _authorize(self, method: Method, principal: str, resource: str) -> None:
        permission = permission_of(method.id)
        if method.document.service == "iamcredentials":
            return  # the accounts' own policies decide, along a chain, in the handler
        if self.lab.permissions.allows(principal, permission):
            return
        if principal.startswith("serviceAccount:") and granted(
            self.lab, principal, permission, name=resource
        ):
            return
        by_policy = method.document.service in ("storage", "secretmanager")
        if by_policy and principal.startswith("serviceAccount:"):
            return  # the resource's own policy decides, in the handler
        raise forbidden(permission, resource)

    def _reply(self, method: Method, params: dict[str, Any], reply: dict[str, Any] | Reply | None) -> Answer:
        if reply is None:
            return json_answer(200, {}) if method.response else Answer(204, b"")
        if isinstance(reply, dict):
            reply = Reply(body=reply)
        if isinstance(reply.body, bytes):
            return Answer(reply.status, reply.body, {"content-type": reply.media_type} | reply.headers)
        if reply.status < 400:
            try:
                checked = schema.check_reply(method, reply.body)
            except schema.MismatchError as error:
                raise simulator_bug(f"the reply of {method.id} doesn't fit its schema: {error}") from error
        else:
            checked = reply.body
        if "fields" in params:
            checked = fields.apply(fields.parse(params["fields"]), checked)
        answer = json_answer(reply.status, checked, reply.headers)
        waiting = method.id.endswith("perations.wait") and reply.body.get("status") != "DONE"
        answer.pending_wait = waiting
        return answer

    def _failed(
        self,
        request: Request,
        method: Method,
        resource: str,
        error: ApiError,
        body: Any = None,
        principal: str = "",
    ) -> Answer:
        entry = self._entry(request, method, resource, error.code, error.reason, body, principal)
        self.lab.journal.call(entry | {"message": error.message}, changed=False)
        shape = error.legacy_body() if method.document.service in _LEGACY else error.rpc_body()
        return json_answer(error.code, shape)

    def _entry(
        self,
        request: Request,
        method: Method,
        resource: str,
        code: int,
        reason: str | None,
        body: Any,
        principal: str,
    ) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "methodId": method.id,
            "method": request.method,
            "path": request.path + (f"?{request.query}" if request.query else ""),
            "resource": resource,
            "code": code,
            "reason": reason,
            "principal": principal,
        }
        if body:
            entry["request"] = redact(body)
        elif request.body:
            entry["requestBytes"] = len(request.body)
        return entry

    def _after(self, answer: Answer, actions: list[dict[str, Any]]) -> Answer:
        kill(actions, "after")
        for action in actions:
            if action["type"] == "timeout_after_effect" and answer.status < 400:
                if action.get("how", "drop") == "drop":
                    answer.drop = True
                else:
                    error = ApiError(503, "backendError", "The service is currently unavailable.")
                    answer = json_answer(503, error.legacy_body())
        return answer
