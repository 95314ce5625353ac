#!/bin/bash
# Writes FILE as the comment on pull request NUMBER that begins with FILE's first line; makes that comment if there is none.
set -euo pipefail
number=$1 file=$2
mark=$(head -n 1 "$file")
export mark
comment=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments" \
  --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.mark))) | .id' | head -n 1)
if [[ -n $comment ]]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$comment" --field "body=@$file"
else
  gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" --field "body=@$file"
fi
