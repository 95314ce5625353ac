"""IAM v1: service accounts, a project's own roles, the policies that other services hold, and tokens of accounts."""

from lab.simulator.services.iam import accounts as accounts
from lab.simulator.services.iam import custom_roles as custom_roles
from lab.simulator.services.iam import tokens as tokens
