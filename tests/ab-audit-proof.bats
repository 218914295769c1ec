#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ab-audit: proofs, witnesses, questions and exports.
load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ab-audit keygen --name example.org/ab --key k >/dev/null
	ab-audit init --log L --key k
	export AB_AUDIT_LOG=$PWD/L AB_AUDIT_KEY_FILE=$PWD/k
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 0700 run
}

# run_of TYPE DOCUMENT [OPTION...]: a run from begin to append.
run_of() {
	local type=$1 document=$2
	shift 2
	eval "$(ab-audit begin --type "$type")"
	printf %s "$document" | ab-audit append "$@"
}

@test "a proof convinces with the verifier key alone, and shows the record" {
	seq 300 | ab-audit record --lines >/dev/null
	ab-audit prove 299 >proof
	run -0 --separate-stderr ab-audit check-proof --vkey k.pub proof
	equals "${lines[0]}" "example.org/ab: good: record 299 of 300"
	contains "$output" '"data": 300,'
	run -0 --separate-stderr ab-audit check-proof --vkey k.pub <proof
	equals "$(sed -n 1p proof)" "c2sp.org/tlog-proof@v1"
	equals "$(sed -n 3p proof)" "index 299"
}

@test "a proof of a document that a run put out" {
	run_of review "the review" >review
	ab-audit prove 1 >proof
	run -0 --separate-stderr ab-audit check-proof --vkey k.pub --document review proof
	equals "${lines[0]}" "review: the recorded output"
	echo other >other
	run -1 --separate-stderr ab-audit check-proof --vkey k.pub --document other proof
	equals "$output" ""
	equals "$stderr" "ab-audit: other: neither input nor output of that record"
}

@test "no changed proof convinces" {
	seq 20 | ab-audit record --lines >/dev/null
	ab-audit prove 7 >proof
	cat >flip.py <<'P'
import subprocess
good = open("proof", "rb").read()
for bit in range(0, 8 * len(good), 5):
    bad = bytearray(good)
    bad[bit // 8] ^= 1 << bit % 8
    r = subprocess.run(["ab-audit", "check-proof", "--vkey", "k.pub"], input=bad, capture_output=True)
    assert r.returncode == 1 and not r.stdout, (bit, r)
lines = good.split(b"\n")
for i in range(len(lines)):
    for bad in (lines[:i] + lines[i + 1:], lines[:i] + [lines[i]] + lines[i:]):
        # A signature may stand there twice.
        if len(bad) > len(lines) and i >= len(lines) - 2:
            continue
        r = subprocess.run(["ab-audit", "check-proof", "--vkey", "k.pub"], input=b"\n".join(bad), capture_output=True)
        assert r.returncode == 1, (i, r)
P
	python3 flip.py
	ab-audit keygen --name example.org/ab --key other >/dev/null
	run -1 --separate-stderr ab-audit check-proof --vkey other.pub proof
	equals "$stderr" "ab-audit: checkpoint: no signature by this key of example.org/ab"
	run -2 --separate-stderr ab-audit prove 20
	equals "$stderr" "ab-audit: 20: no such record, there are 20"
}

@test "a witness signs what only grew, remembers it, and nothing else" {
	ab-audit keygen --name witness.example --key w >/dev/null
	seq 10 | ab-audit record --lines >/dev/null
	ab-audit consistency >first
	run -0 --separate-stderr ab-audit cosign --key w --vkey k.pub --state seen <first
	[[ $output =~ ^"— witness.example "[A-Za-z0-9+/=]{104}$ ]]
	{ ab-audit checkpoint; echo "$output"; } >cosigned
	cp -a L fork
	seq 300 | ab-audit record --lines >/dev/null
	run -1 --separate-stderr ab-audit cosign --key w --vkey k.pub --state seen < <(ab-audit consistency)
	equals "$stderr" "ab-audit: the proof is from 0 records, the last cosigned has 10"
	ab-audit consistency --old cosigned >second
	run -0 --separate-stderr ab-audit cosign --key w --vkey k.pub --state seen <second
	run -1 --separate-stderr ab-audit cosign --key w --vkey k.pub --state seen <second
	equals "$output" ""
	# Another history from the same beginning.
	seq 400 700 | ab-audit record --lines --log fork >/dev/null
	sed -n 2p L/checkpoint >size
	run -1 --separate-stderr ab-audit cosign --key w --vkey k.pub --state seen < <(
		echo "old $(cat size)"; echo; cat fork/checkpoint)
	equals "$output" ""
	run -1 --separate-stderr ab-audit consistency --log fork --old L/checkpoint
	contains "$stderr" "forked: the first 310 records are not those from before"
	run -0 --separate-stderr ab-audit verify --vkey k.pub --old cosigned --cosigner w.pub
	run -1 --separate-stderr ab-audit verify --vkey k.pub --old L/checkpoint --cosigner w.pub
	equals "$stderr" "ab-audit: --old: no signature by this key of witness.example"
	run -2 --separate-stderr ab-audit verify --cosigner w.pub
	equals "$stderr" "ab-audit: --cosigner: needs --old, the checkpoint that was cosigned"
}

@test "a proof with a witness's signature says so" {
	ab-audit keygen --name witness.example --key w >/dev/null
	echo 1 | ab-audit record >/dev/null
	ab-audit prove 0 >proof
	run -1 --separate-stderr ab-audit check-proof --vkey k.pub --cosigner w.pub proof
	ab-audit consistency | ab-audit cosign --key w --vkey k.pub --state seen >>proof
	run -0 --separate-stderr ab-audit check-proof --vkey k.pub --cosigner w.pub proof
}

@test "checkpoint prints what is published" {
	echo 1 | ab-audit record >/dev/null
	run -0 --separate-stderr ab-audit checkpoint
	equals "$output" "$(cat L/checkpoint)"
}

@test "query finds records by what they say" {
	run_of review a >/dev/null
	run_of review b --expect jail >/dev/null || :
	run_of other c >/dev/null
	echo '{"x": {"y": 5}, "s": "t"}' | ab-audit record --type note >/dev/null
	count() { ab-audit query "$@" | wc -l; }
	equals "$(count)" 7
	equals "$(count --kind execution)" 3
	equals "$(count --kind started)" 3
	equals "$(count --type review)" 4
	equals "$(count --kind execution --type review --verdict failed)" 1
	equals "$(count --run "$AB_RUN")" 2
	equals "$(count --workflow-id "$AB_RUN")" 2
	equals "$(count --field /data/x/y=5)" 1
	equals "$(count --field '/data/x={"y":5}')" 1
	equals "$(count --field /data/s=t --field /data/x/y=6)" 0
	equals "$(count --since 2020)" 7
	equals "$(count --until 2020)" 0
	equals "$(count --since 9999-01-01T00:00:00Z)" 0
	equals "$(count --limit 2)" 2
	run -0 --separate-stderr ab-audit query --type note
	contains "$output" '{"index":6,"record":{"data":{"s":"t","x":{"y":5}},"record":"event"'
	run -2 --separate-stderr ab-audit query --field x
	equals "$stderr" "ab-audit: --field: x: expected /POINTER=VALUE"
	run -2 --separate-stderr ab-audit query --verdict good
	for bad in yesterday 2020-13 2020-00-01 2020-01-32 2020-01-1 2020-01-01T24 2020-01-01T00:60 20 2020- 2020Z \
		2020-01-01T00:00:00+01:00 2020-01-01T00:00:00.1Z 2020-01-01T00:00:00.123ZZ; do
		run -2 --separate-stderr ab-audit query --since "$bad"
		equals "$output" ""
		equals "$stderr" "ab-audit: --since: $bad: expected a time in UTC as 2026-04-08T14:32:01Z, or its beginning"
	done
	for good in 2020-01 2020-01-31 2020-01-01T23 2020-01-01T23:59 2020-01-01T23:59:60 2020-01-01T23:59:59.999Z; do
		equals "$(count --since "$good")" 7
	done
}

@test "export writes each form" {
	run_of 'review' "a" --expect jail >/dev/null || :
	run -0 --separate-stderr ab-audit export --kind execution --format syslog
	[[ $output =~ ^"<108>1 "[0-9T:.-]+"Z - ab-audit - execution [agentbox@32473 origin=\"example.org/ab\" index=\"1\" type=\"review\" run=\"$AB_RUN\" verdict=\"failed\"] stage jail died"$ ]]
	run -0 --separate-stderr ab-audit export --kind execution --format cef
	[[ $output =~ ^"CEF:0|agentbox|ab-audit|0.1.0|execution|review|6|rt="[0-9]+" externalId=1 dvchost=example.org/ab outcome=failed reason=stage jail died cs1Label=run cs1=$AB_RUN"$ ]]
	for f in ndjson ocsf ecs dsse; do
		run -0 --separate-stderr ab-audit export --kind execution --format "$f"
		python3 -c 'import json,sys; json.loads(sys.argv[1])' "$output"
	done
	equals "$(ab-audit export --format ocsf | sed -n 2p | grep -o '"class_uid":6003\|"status_id":2\|"type_uid":600399' | tr '\n' ' ')" '"class_uid":6003 "status_id":2 "type_uid":600399 '
	contains "$(ab-audit export --format ecs | tail -1)" '"outcome":"failure"'
	for f in xml "" NDJSON; do
		run -2 --separate-stderr ab-audit export --format "$f"
		equals "$output" ""
	done
}

@test "ECS: only fields that it defines, of its types, besides our own object" {
	ab-audit record <<<'{"type":"seen","data":{"a":[1,2]}}' >/dev/null
	run_of 'review' "a" --expect jail >/dev/null || :
	ab-audit export --format ecs >lines
	run -0 python3 - <<'P'
import datetime, json
# Elastic Common Schema 8.11: base, ecs and event fields; keyword is a string, long an integer.
defined = {"@timestamp": str, "ecs.version": str, "event.action": str, "event.dataset": str, "event.id": str, "event.kind": str,
           "event.module": str, "event.outcome": str, "event.reason": str, "event.sequence": int}
allowed = {"event.kind": {"alert", "asset", "enrichment", "event", "metric", "state", "pipeline_error", "signal"},
           "event.outcome": {"failure", "success", "unknown"}}
required = {"@timestamp", "ecs.version", "event.kind", "event.module", "event.dataset", "event.id", "event.action"}
lines = [json.loads(line) for line in open("lines")]
for n, line in enumerate(lines):
    assert isinstance(line.pop("agentbox")["record"], dict)
    flat = {}
    for name, value in line.items():
        flat.update({name + "." + k: v for k, v in value.items()} if isinstance(value, dict) else {name: value})
    for name, value in flat.items():
        assert type(value) is defined[name], name
        assert value in allowed.get(name, {value}), name
    assert required <= flat.keys(), required - flat.keys()
    assert flat["event.dataset"].startswith(flat["event.module"] + ".")
    assert flat["event.sequence"] == n and flat["event.id"].endswith("/%d" % n)
    datetime.datetime.strptime(flat["@timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ")
print(len(lines), [line["event"].get("outcome") for line in lines])
P
	equals "$output" "3 [None, None, 'failure']"
}

@test "dsse: the envelopes of executions as they stand in the log, and nothing else" {
	ab-audit record <<<'{"type":"seen","data":1}' >/dev/null
	run_of 'review' "a" >/dev/null
	run_of 'review' "b" --expect jail >/dev/null || :
	ab-audit export --format dsse >lines
	equals "$(wc -l <lines)" 2
	# In the log an entry is its length in two bytes and itself.
	run -0 python3 - <<'P'
import glob
data = open(glob.glob("L/tile/entries/000.p/*")[0], "rb").read()
entries = []
while data:
    n = int.from_bytes(data[:2], "big")
    entries.append(data[2:2 + n])
    data = data[2 + n:]
lines = open("lines", "rb").read().split(b"\n")[:-1]
print(len(entries), [entries.index(line) for line in lines])
P
	equals "$output" "5 [2, 4]"
	equals "$(ab-audit export --format dsse --verdict passed)" "$(head -1 lines)"
}

@test "the DSSE envelopes verify by hand" {
	run_of review a >/dev/null
	python3 -c 'import cryptography' 2>/dev/null || needs openssl
	ab-audit export --format dsse >envelope
	cat >dsse.py <<'P'
import base64, json, subprocess
e = json.loads(open("envelope").read())
payload = base64.b64decode(e["payload"], validate=True)
t = e["payloadType"].encode()
open("pae", "wb").write(b"DSSEv1 %d %s %d %s" % (len(t), t, len(payload), payload))
open("sig", "wb").write(base64.b64decode(e["signatures"][0]["sig"], validate=True))
key = base64.b64decode(open("k.pub").read().strip().split("+", 2)[2])[1:]
open("key.der", "wb").write(bytes.fromhex("302a300506032b6570032100") + key)
assert json.loads(payload)["_type"] == "https://in-toto.io/Statement/v1"
assert e["signatures"][0]["keyid"] == "+".join(open("k.pub").read().split("+")[:2])
P
	python3 dsse.py
	run -0 openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in pae -sigfile sig
	contains "$output" "Signature Verified Successfully"
}

@test "tail shows the newest and goes on with those that come" {
	seq 20 | ab-audit record --lines >/dev/null
	run -0 --separate-stderr ab-audit tail
	equals "${#lines[@]}" 10
	contains "${lines[9]}" '{"index":19,'
	mkfifo out
	ab-audit tail -n 1 --follow >out 2>/dev/null 3>&- &
	exec 7<out
	read -r first <&7
	contains "$first" '{"index":19,'
	echo 21 | ab-audit record >/dev/null
	read -r second <&7
	contains "$second" '{"index":20,'
	kill $!
	exec 7<&-
}

@test "records are what their schemas say" {
	[ -x "$AB_BUILD/bin/ab-validate" ] || skip "no ab-validate"
	run_of review a >/dev/null
	run_of review b --expect jail >/dev/null || :
	echo '{"a":1}' | ab-audit record >/dev/null
	unset AB_RUN AB_RECEIPTS
	ab-audit show 1 | ab-validate --schema "$AB_TOP/schemas/audit-record.schema.json" >/dev/null
	ab-audit show 3 | ab-validate --schema "$AB_TOP/schemas/audit-record.schema.json" >/dev/null
	ab-audit show 0 | ab-validate --schema "$AB_TOP/schemas/event-record.schema.json" >/dev/null
	ab-audit show 4 | ab-validate --schema "$AB_TOP/schemas/event-record.schema.json" >/dev/null
	run -1 --separate-stderr ab-validate --schema "$AB_TOP/schemas/event-record.schema.json" < <(ab-audit show 1)
}
