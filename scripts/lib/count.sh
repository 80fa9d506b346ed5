# Counts what passed and failed over several kinds of checks; sourced by scripts/test and .ci/run.
passed=0 failed=0

# check NAME COMMAND...: one check that passes or fails as a whole.
check() {
  local name=$1; shift
  if "$@"; then passed=$((passed + 1)); echo "ok: $name"
  else failed=$((failed + 1)); echo "FAILED: $name"; fi
}

# run_ctest PRESET [ARGUMENT...]: every CTest case counts. The preset also says what sanitizers are told.
run_ctest() {
  local preset=$1 log; shift
  log=$(mktemp)
  ctest --preset "$preset" --output-on-failure "$@" 2>&1 | tee "$log" || true
  # "97% tests passed, 3 tests failed out of 120"
  local line bad all
  line=$(grep -E 'tests passed, [0-9]+ tests failed out of' "$log" | tail -n 1)
  bad=$(sed -E 's/.*, ([0-9]+) tests failed out of ([0-9]+).*/\1/' <<<"$line")
  all=$(sed -E 's/.*, ([0-9]+) tests failed out of ([0-9]+).*/\2/' <<<"$line")
  rm -f "$log"
  if [ -z "$line" ]; then failed=$((failed + 1)); echo "FAILED: ctest ($preset) ran nothing"; return; fi
  passed=$((passed + all - bad)) failed=$((failed + bad))
}

summary() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
