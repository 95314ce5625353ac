"""The predefined roles that the simulator knows, as patterns of permissions. Source: IAM's reference of them."""

from __future__ import annotations

_BUCKET_READ = ["storage.buckets.get", "storage.buckets.list", "storage.objects.list"]
READS = [
    "*.get",
    "*.list",
    "*.getIamPolicy",
    "*.getGuestAttributes",
    "*.getSerialPortOutput",
    "*.listInstances",
]
ROLES: dict[str, list[str]] = {
    "roles/owner": ["*"],
    "roles/editor": ["*"],
    "roles/viewer": READS,
    "roles/compute.viewer": ["compute." + p for p in READS],
    "roles/compute.admin": ["compute.*"],
    "roles/storage.admin": ["storage.*"],
    "roles/storage.objectAdmin": ["storage.objects.*"],
    "roles/storage.objectViewer": ["storage.objects.get", "storage.objects.list"],
    "roles/secretmanager.admin": ["secretmanager.*"],
    "roles/secretmanager.secretAccessor": ["secretmanager.versions.access"],
    "roles/dns.admin": ["dns.*"],
    "roles/storage.objectUser": [
        "storage.objects.[!sg]*",
        "storage.objects.get",
        "storage.multipartUploads.*",
    ],
    "roles/storage.objectCreator": ["storage.objects.create"],
    "roles/storage.bucketViewer": ["storage.buckets.get", "storage.buckets.list"],
    "roles/storage.legacyBucketReader": _BUCKET_READ[::2],
    "roles/storage.legacyBucketWriter": [
        *_BUCKET_READ[::2],
        "storage.objects.create",
        "storage.objects.delete",
    ],
    "roles/storage.legacyBucketOwner": [
        *_BUCKET_READ[::2],
        "storage.objects.create",
        "storage.objects.delete",
        "storage.buckets.update",
        "storage.buckets.[gs]etIamPolicy",
    ],
    "roles/storage.legacyObjectReader": ["storage.objects.get"],
    "roles/storage.legacyObjectOwner": ["storage.objects.get", "storage.objects.update"],
    "roles/secretmanager.viewer": [
        "secretmanager.*.get",
        "secretmanager.*.list",
        "secretmanager.*.getIamPolicy",
    ],
    "roles/secretmanager.secretVersionAdder": ["secretmanager.versions.add"],
    "roles/secretmanager.secretVersionManager": [
        "secretmanager.versions.[!a]*",
        "secretmanager.versions.add",
    ],
    "roles/iam.serviceAccountTokenCreator": [
        "iam.serviceAccounts.get*Token",
        "iam.serviceAccounts.implicitDelegation",
        "iam.serviceAccounts.sign*",
    ],
    "roles/iam.serviceAccountUser": ["iam.serviceAccounts.actAs", "iam.serviceAccounts.get"],
}
