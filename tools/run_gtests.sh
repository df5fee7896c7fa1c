#!/usr/bin/env bash
# Runs test programs of a preset, each in a few processes, as many at a time as there are cores: a process
# for each test, as ctest has it, starts more than a thousand times. Says what failed, and how many
# passed.
#
# tools/run_gtests.sh PRESET JOBS PROGRAM...
set -euo pipefail
cd "$(dirname "$0")/.."
jobs="$2"
export FOLDER="build/$1"
export GTEST_TOTAL_SHARDS="$((4 * jobs))" # so that none is waited for long at the end
export LONGEST=1500                       # seconds, of a shard

run_shard() {
  local log="$FOLDER/$1.$2.log"
  if GTEST_SHARD_INDEX="$2" timeout "$LONGEST" "$FOLDER/$1" >"$log" 2>&1; then
    rm -f "$log.failed"
  else
    echo "exit status $?" >>"$log"
    touch "$log.failed"
  fi
}
export -f run_shard

echo "gtest: $1"
for program in "${@:3}"; do
  seq 0 "$((GTEST_TOTAL_SHARDS - 1))" | xargs -P "$jobs" -I{} bash -c "run_shard $program {}"
  logs=()
  for ((shard = 0; shard < GTEST_TOTAL_SHARDS; ++shard)); do logs+=("$FOLDER/$program.$shard.log"); done
  # Of a test that did not pass, or was running at the end, all that it said.
  for log in "${logs[@]}"; do
    [[ -e "$log.failed" ]] || continue
    failed=1
    awk '/^\[ RUN      \]/ { said = "" }
      { said = said $0 "\n" }
      /^\[       OK \]|^\[  SKIPPED \]/ { said = "" }
      /^\[  FAILED  \]/ { printf "%s", said; said = "" }
      END { printf "%s", said }' "$log" | tail -n 200
  done
  awk -v program="$program" '
    /^\[  PASSED  \]/ { passed += $4 }
    /^\[  SKIPPED \] [0-9]/ { skipped += $4 }
    /^\[  FAILED  \] [0-9]+ test/ { failed += $4 }
    END { printf "%s: %d passed, %d skipped, %d failed\n", program, passed, skipped, failed }' \
    "${logs[@]}"
done
exit "${failed:-0}"
