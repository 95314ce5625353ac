#!/bin/bash
# Keeps one open issue labelled `heal` by the exit STATUS and the REPORT of `python -m admin heal`: a heal and one that failed are
# comments in it, what only a person can mend is its text, and it is closed once no master is ill. ENGINE is what the update said.
set -euo pipefail
status=$1 report=$2 engine=${3:-/dev/null}
run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
issue=$(gh issue list --repo "$GITHUB_REPOSITORY" --label heal --state open --json number --jq '.[0].number // empty')
ran=$(grep -c '^Ran ' "$report" || true)
if [[ $status == 0 && $ran == 0 ]]; then
  [[ -z $issue ]] || gh issue close "$issue" --repo "$GITHUB_REPOSITORY" --comment "No master is ill any more: $run"
  exit
fi
body=$(mktemp)
{
  echo "\`python -m admin heal\` of stack \`$STACK\`: $run"
  printf '%s\n' '' '```text'
  cat "$report"
  echo '```'
  if [[ -s $engine ]]; then
    printf '%s\n' '' '<details><summary>What the engine said</summary>' '' '```text'
    tail -c 50000 "$engine"
    printf '%s\n' '```' '' '</details>'
  fi
} > "$body"
cat "$body" >> "$GITHUB_STEP_SUMMARY"
if [[ -z $issue ]]; then
  gh label create heal --repo "$GITHUB_REPOSITORY" --force --description "A master was healed, or has to be"
  gh issue create --repo "$GITHUB_REPOSITORY" --label heal --title "A master of stack $STACK" --body-file "$body"
elif [[ $ran == 0 ]]; then
  gh issue edit "$issue" --repo "$GITHUB_REPOSITORY" --body-file "$body"
else
  gh issue comment "$issue" --repo "$GITHUB_REPOSITORY" --body-file "$body"
fi
