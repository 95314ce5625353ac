"""A webhook on workers that refuses objects with a word in them, as an API server asks it: nginx, which reads the request by
a pattern. The first `uid` of an AdmissionReview is the request's:
https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request.
"""

from __future__ import annotations

import base64
from typing import Any, Final

from tests.e2e.serving import deployment, labels
from tests.e2e.web import NGINX
from tests.node.agent.certificates import SERVER, Authority

NAME: Final = "judge"
REFUSED, WORDS = "forbidden", "refused on a worker"
_HOST = f"{NAME}.default.svc"
_ANSWER = (
    '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":'
    f'{{"uid":"$http_x_uid","allowed":$http_x_allowed,"status":{{"message":"{WORDS}"}}}}}}'
)
_CONFIGURATION = f"""daemon off; user root; worker_processes 1; pid /tmp/nginx.pid; error_log stderr; events {{}}
http {{
  access_log off;
  client_body_buffer_size 1m;
  map $request_body $uid {{ "~\\"uid\\":\\"(?<first>[^\\"]+)\\"" $first; }}
  map $request_body $allowed {{ "~{REFUSED}" false; default true; }}
  server {{
    listen 8443 ssl; ssl_certificate /etc/judge/tls.crt; ssl_certificate_key /etc/judge/tls.key;
    location / {{
      proxy_pass http://127.0.0.1:8081;
      proxy_set_header X-Uid $uid; proxy_set_header X-Allowed $allowed;
    }}
  }}
  server {{
    listen 127.0.0.1:8081;
    location / {{ default_type application/json; return 200 '{_ANSWER}'; }}
  }}
}}
"""


def objects(authority: Authority) -> list[dict[str, Any]]:
    """What runs it, with a certificate of `authority`: secret, two pods, Service. `registration` comes once they serve."""
    certificate, key = authority.issue(_HOST, [SERVER], [_HOST], [])
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": NAME},
        "stringData": {"tls.crt": certificate, "tls.key": key, "nginx.conf": _CONFIGURATION},
    }
    serves = {
        "image": NGINX,
        "command": ["/usr/sbin/nginx", "-c", "/etc/judge/nginx.conf"],
        "volumeMounts": [{"name": NAME, "mountPath": "/etc/judge"}],
        "readinessProbe": {"tcpSocket": {"port": 8443}},
    }
    volume = {"name": NAME, "secret": {"secretName": NAME}}
    return [secret, deployment(NAME, 2, container=serves, volumes=[volume]), _service()]


def registration(authority: Authority) -> dict[str, Any]:
    """Of ConfigMaps in `default` alone; without an answer of the webhook's nobody makes one."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": NAME},
        "webhooks": [
            {
                "name": f"{NAME}.example.com",
                "clientConfig": {
                    "service": {"name": NAME, "namespace": "default"},
                    "caBundle": base64.b64encode(authority.pem.encode()).decode(),
                },
                "rules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE"],
                        "resources": ["configmaps"],
                    }
                ],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "default"}},
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
            }
        ],
    }


def _service() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME},
        "spec": {"selector": labels(NAME), "ports": [{"port": 443, "targetPort": 8443}]},
    }
