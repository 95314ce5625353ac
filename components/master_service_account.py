"""Who the masters are to Google: one service account, which may read their secrets and write their bucket."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.resource_names import Names


class MasterServiceAccount(pulumi.ComponentResource):
    """The masters' service account. It holds no role on the project."""

    email: pulumi.Output[str]
    member: pulumi.Output[str]

    def __init__(self, name: str, names: Names, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            "ha-masters:index:MasterIdentity", name, {"accountId": names.service_account_id}, opts
        )
        account = gcp.serviceaccount.Account(
            f"{name}-account",
            account_id=names.service_account_id,
            display_name=f"Masters of {names.cluster}",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.email = account.email
        self.member = account.member
        self.register_outputs({"email": self.email})
