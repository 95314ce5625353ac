"""Secret Manager v1. Payloads live in blobs, apart from the documents, and never reach the journal."""

from lab.simulator.services.secretmanager import secrets as secrets
from lab.simulator.services.secretmanager import versions as versions
