"""One authority in its generations: which is trusted, which issues.

While there is only the first, all is as it was before there could be others: names, texts, and who depends on whom.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_tls as tls

from components.pki.authority import CertificateAuthority, private_key
from node.contract.authorities import common_name


class Generations:
    """`certificate_pem` are all generations that are trusted, from the oldest on: the bundle is the same whichever of them
    issues. `key_pem` and `issue` are of the one that does.
    """

    def __init__(
        self,
        name: str,
        cluster: str,
        authority: str,
        numbers: Sequence[int],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """`authority` is one of `node.contract.authorities.SUBJECTS`."""
        by_number = {
            number: CertificateAuthority(
                numbered(name, number), common_name(cluster, authority, number), opts
            )
            for number in sorted(numbers)
        }
        self.all: tuple[CertificateAuthority, ...] = tuple(by_number.values())
        self.certificate_pem = joined([each.certificate_pem for each in self.all])
        issuing = by_number[numbers[0]]
        self.key_pem, self.issue = issuing.key_pem, issuing.issue


class TokenKeys:
    """The keys of service accounts' tokens, by the same rule: the first signs, by all tokens are checked."""

    def __init__(self, name: str, numbers: Sequence[int], parent: pulumi.Resource) -> None:
        by_number: dict[int, tls.PrivateKey] = {
            number: private_key(numbered(name, number), parent) for number in sorted(numbers)
        }
        self.public_pems = tuple(key.public_key_pem for key in by_number.values())
        self.public_key_pem = joined(self.public_pems)
        self.private_key_pem = by_number[numbers[0]].private_key_pem


def numbered(name: str, generation: int) -> str:
    """The logical name of a generation's resources: the first has none of its own."""
    return name if generation == 1 else f"{name}-{generation}"


def joined(pems: Sequence[pulumi.Output[str]]) -> pulumi.Output[str]:
    """One text of several, each of which ends with a newline, as the provider has it."""
    return pems[0] if len(pems) == 1 else pulumi.Output.all(*pems).apply("".join)
