#!/bin/bash
# Prints the commit that environment $1 was last brought to with success: what somebody has approved, and what came through.
set -euo pipefail
environment=$1
query='query($owner: String!, $name: String!, $environment: String!) {
  repository(owner: $owner, name: $name) {
    deployments(environments: [$environment], first: 50, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { commitOid latestStatus { state } }
    }
  }
}'
commit=$(gh api graphql -f query="$query" -f owner="${GITHUB_REPOSITORY%/*}" -f name="${GITHUB_REPOSITORY#*/}" \
  -f environment="$environment" \
  --jq '[.data.repository.deployments.nodes[] | select(.latestStatus.state == "SUCCESS") | .commitOid][0] // empty')
if [[ -z $commit ]]; then
  echo "::error::No update of the environment $environment has come through: run one with its approval first" >&2
  exit 1
fi
echo "$commit"
