"""IAM v1: service accounts, the policies that other services hold, and tokens of accounts."""

from lab.simulator.services.iam import accounts as accounts
from lab.simulator.services.iam import tokens as tokens
