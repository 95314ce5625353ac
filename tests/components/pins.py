"""Artifacts as a stack may pin them: one image an archive, the others pulled. No such files exist."""

from typing import Any

SHA256 = "0123456789abcdef" * 4
ARTIFACTS: dict[str, Any] = {
    "mirror": "gs://mirror/k8s",
    "kubelet": {"path": "v1.36.3/kubelet", "sha256": SHA256},
    "images": {
        "etcd": {"reference": "registry.k8s.io/etcd:3.6.8-0", "path": "etcd.tar", "sha256": SHA256},
        **{
            name: f"registry.k8s.io/{name}:v1.36.3@sha256:{SHA256}"
            for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
        },
        "pause": f"mirror.example:5000/pause@sha256:{SHA256}",
    },
}

AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIIBJTCBzKADAgECAgEBMAoGCCqGSM49BAMCMBExDzANBgNVBAMMBmlzc3VlcjAg
Fw0yNjAxMDEwMDAwMDBaGA8yMTI2MDEwMTAwMDAwMFowETEPMA0GA1UEAwwGaXNz
dWVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7r9ZCmlMYvS6V+BT9FBdVQct
aafUlIVQxl1JLP69uJkYed60Isq7DX1pEyb7J153JCdx0JDdrWPPupyFxSfOnaMT
MBEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAx17GlWvKIrq5
8BnJq0DTIYkT/r6V4JpJvQ7SHRb15pECIDyx8+vH+BEbGSu7wJ23AN4mSfg0RztG
hFXgk4IlNa9z
-----END CERTIFICATE-----
"""
"""A certificate of nobody's, until 2126."""

PUBLIC_KEY = """\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkR5FX0xEIWNz4ymtQKTYoEwgol4b
IoMywIZhvBsU5XyQEOEL8zNDCFy5SpqlXiAAnpYfWBe8THyVrO7vNLv9Qw==
-----END PUBLIC KEY-----
"""
"""Of nobody's private key."""
