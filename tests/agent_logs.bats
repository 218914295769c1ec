# SPDX-License-Identifier: Apache-2.0
# The log-analysis agent alone. tests/agent_logs_test.py holds the cases; the system's own Python runs them,
# since that is what the jail offers.
load lib

cases() { run -0 --separate-stderr /usr/bin/python3 "$BATS_TEST_DIRNAME/agent_logs_test.py" "$@"; }

@test "the agent reads the times that logs have, and says which it cannot" { cases Times; }
@test "the agent unwraps containers, JSON and logfmt, and folds stack traces" { cases Lines; }
@test "the operator's patterns match as they say, in linear time, with a bound" { cases Patterns; }
@test "the agent's templates tell what varies, bear nothing that acts, and name the kind of fault" { cases Mining; }
@test "the agent tells what is new or in a burst from what was there all along, by clocks that are wrong" { cases Beginnings; }
@test "the agent finds its way along the topology" { cases Shape; }
@test "the agent stays within its bounds, is deterministic, and names the cause" { cases Whole; }

@test "the agent names the cause of the labelled incidents as often as is asked for, redacted or not" {
	local seed
	for seed in 0 1; do
		run -0 --separate-stderr /usr/bin/python3 "$BATS_TEST_DIRNAME/corpus/log-analysis/measure.py" --floors "$seed"
		contains "$output" "hand: 32 cases: "
		contains "$output" "made: 66 cases: "
	done
	run -0 --separate-stderr /usr/bin/python3 "$BATS_TEST_DIRNAME/corpus/log-analysis/measure.py" --floors --through "$AB_BUILD/bin/ab-scrub"
}

@test "the measure sees an agent that got worse" {
	cd "$BATS_TEST_TMPDIR"
	mkdir -p tree/share/workflows tree/tests/corpus
	cp -r "$AB_TOP/share/workflows/log-analysis" tree/share/workflows/
	cp -r "$AB_TOP/tests/corpus/log-analysis" tree/tests/corpus/
	sed -i 's/score += 2.6 \* share/score -= 2.6 * share/' tree/share/workflows/log-analysis/agent/hypothesis.py
	run -1 --separate-stderr /usr/bin/python3 tree/tests/corpus/log-analysis/measure.py --floors
	contains "$output" "is asked for"
}

@test "the agent needs nothing but the standard library, and starts nothing" {
	run -0 grep -hE '^(import|from) ' "$AB_TOP"/share/workflows/log-analysis/agent/*.py
	run -1 grep -vE '^(import (json|os|re|sys|causes|hypothesis|pattern|records|series|severity|skew|templates|times)|from (bisect|causes|collections|datetime|hypothesis|operator|report|topology) import .*)$' <<<"$output"
	run -1 grep -nE '\b(open|socket|subprocess|eval|exec)\b *[(.]' "$AB_TOP"/share/workflows/log-analysis/agent/*.py
}
