#!/bin/bash
# Keeps one open issue labelled `drift` while OUTCOME is not success, with the end of FILE in it; closes it otherwise.
set -euo pipefail
outcome=$1 file=$2
run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
issue=$(gh issue list --repo "$GITHUB_REPOSITORY" --label drift --state open --json number --jq '.[0].number // empty')
if [[ $outcome == success ]]; then
  [[ -z $issue ]] || gh issue close "$issue" --repo "$GITHUB_REPOSITORY" --comment "No drift any more: $run"
  exit
fi
body=$(mktemp)
{
  echo "\`pulumi preview --refresh --expect-no-changes\` of stack \`$STACK\` found changes, did not see that all is well, or could not run: $run"
  echo
  now=$(awk '/^ *(warning: )?[-a-z0-9]+ now: / { told = 1; print; next } told && /^ *! / { print; next } told { exit }' "$file")
  [[ -z $now ]] || printf '%s\n' '```text' "$now" '```' ''
  echo "Run \`pulumi up --refresh\` to bring Google Cloud back to the program, or change the program to what is there."
  echo
  echo '```diff'
  tail -c 50000 "$file"
  echo '```'
} > "$body"
cat "$body" >> "$GITHUB_STEP_SUMMARY"
if [[ -n $issue ]]; then
  gh issue edit "$issue" --repo "$GITHUB_REPOSITORY" --body-file "$body"
else
  gh label create drift --repo "$GITHUB_REPOSITORY" --force --description "Google Cloud differs from the program"
  gh issue create --repo "$GITHUB_REPOSITORY" --label drift --title "Drift in stack $STACK" --body-file "$body"
fi
