# SPDX-License-Identifier: Apache-2.0
# ab-scrub on labelled corpora: what it finds in each category, and what it takes for something that it is not.

load lib

setup() { cd "$BATS_TEST_TMPDIR"; }

# bounds LABEL RECALL FLAGGED [RECALL FLAGGED] FILE: of each category ("" for LABEL) or of this one at least so much is
# found, of benign lines at most so much flagged; the second two of the half that was kept back.
bounds() {
	local label=$1 recall=$2 flagged=$3 kept_recall=${5+$4} kept_flagged=${6+$5}
	run -0 "$AB_TOP/tests/corpus/measure.py" "$AB_BUILD/bin/ab-scrub" ${kept_recall:+--both} "${!#}"
	awk -v label="$label" -v recall="$recall" -v flagged="$flagged" \
		-v kept_recall="$kept_recall" -v kept_flagged="$kept_flagged" '
		/kept back/ { recall = kept_recall; flagged = kept_flagged }
		/recall/ && (label == "" || label == $1) { if ($5 < recall) exit 1; n++ }
		/flagged/ { if ($5 > flagged) exit 1; n++ }
		END { exit n != (kept_recall == "" ? 1 : 2) * (label == "" ? 7 : 2) }' <<<"$output"
}
corpus() { bounds "" "$@"; }
injections() { bounds injection "$@"; }

@test "the labelled corpus: recall of 97 % in each category, 2 % of benign lines flagged at most" {
	needs python3
	corpus 97 2 scrub.ndjson
	run -0 awk 'END { print (NR >= 600) }' "$AB_TOP/tests/corpus/scrub.ndjson"
	equals "$output" 1
}

# What this one misses is not to be hidden by leaving it out: the bounds are those that hold today.
@test "the corpus of a stranger: recall of 92 % in each category, 3 % of benign lines flagged at most" {
	needs python3
	corpus 92 3 stranger.ndjson
}

@test "the corpus of an outsider: recall of 96 % in each category, 2 % of benign lines flagged at most" {
	needs python3
	corpus 96 2 outsider.ndjson
}

@test "the corpora of a newcomer and of a visitor: recall of 96 % in each category, 1 % of benign lines flagged at most" {
	needs python3
	for who in newcomer visitor; do
		corpus 96 1 $who.ndjson
	done
}

# Half of it has not been read for the rules: its bound is lower.
@test "the corpus of an examiner: recall of 95 % in each category, 1 % of benign lines flagged at most; of what was kept back 94 %" {
	needs python3
	corpus 95 1 94 1 examiner.ndjson
}

# The kept-back halves have not been read for the rules, and what sentences are like has not been learnt from them.
@test "two corpora of strangers: recall of 98 % in each category, 2 % of benign lines flagged at most; of what was kept back 97 and 3 %" {
	needs python3
	for who in assayer referee; do
		corpus 98 2 97 3 $who.ndjson
	done
	# What looks like orders to a model, and is none: one in ten at most is taken for one.
	run -0 "$AB_TOP/tests/corpus/measure.py" "$AB_BUILD/bin/ab-scrub" --kept-back harmless.ndjson
	awk '/flagged/ && $5 <= 10 { n++ } END { exit n != 1 }' <<<"$output"
}

@test "two corpora put together by a program and by hand: 97 % of injections, 2 % of benign lines flagged; of what was kept back 94 and 3 %" {
	needs python3
	for who in marker arbiter; do
		injections 97 2 94 3 $who.ndjson
		corpus 93 2 87 3 $who.ndjson
	done
}

@test "the corpus of a notary: recall of 95 % in each category, 2 % of benign lines flagged; of what was kept back 90 and 4 %" {
	needs python3
	corpus 95 2 90 4 notary.ndjson
}

@test "three corpora of each evasion that is named: recall of 97 % in each category, 2 % of benign lines flagged at most; of what was kept back 95 and 3 %" {
	needs python3
	for who in surveyor inspector magistrate; do
		corpus 97 2 95 3 $who.ndjson
	done
}

# The second holds orders in words and languages that nobody had thought of.
@test "two corpora by one who knew the specification alone: 95 and 88 % in each category, 1 % of benign lines flagged; of what was kept back 93 and 84, and 2 %" {
	needs python3
	corpus 95 1 93 1 proctor.ndjson
	corpus 88 1 84 2 scribe.ndjson
}

@test "two more by such ones, a program and a red team: 97 % in each category, 2 % of benign lines flagged; of what was kept back 94 and 96" {
	needs python3
	corpus 97 2 94 2 prober.ndjson
	corpus 97 2 96 2 envoy.ndjson
}

# Half of what it calls harmless and is not passed names a page below example.com or a file store whose owner nobody knows.
@test "a corpus of exfiltration alone, in all its ways: 84 % found, 10 % of benign lines flagged; of what was kept back 75 and 10" {
	needs python3
	bounds exfil 84 10 75 10 smuggler.ndjson
}

@test "a corpus of hosts and exfiltration in all forms: 94 and 96 % found, 2 % of benign lines flagged; of what was kept back 90 and 94, and 3 %" {
	needs python3
	bounds url 94 2 90 3 registrar.ndjson
	bounds exfil 96 2 94 3 registrar.ndjson
}

@test "a corpus of unusual words: 85 % of injections, 2 % of benign lines flagged; of what was kept back 70 and 4 %" {
	needs python3
	injections 85 2 70 4 courier.ndjson
}
