#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ab-audit checkpoint: witnesses that sign it over HTTP, and time stamps.
load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ab-audit keygen --name example.org/ab --key k >/dev/null
	ab-audit keygen --name witness.example --key w >/dev/null
	ab-audit init --log L --key k
	export AB_AUDIT_LOG=$PWD/L AB_AUDIT_KEY_FILE=$PWD/k
	seq 10 | ab-audit record --lines >/dev/null
	pids=()
}

teardown() { for p in "${pids[@]}"; do kill "$p" 2>/dev/null || :; done; }

# witness [STATUS BODY]: starts one; its place is in $url.
witness() {
	rm -f port
	"$AB_TOP/tests/witness.py" w "${vkey:-k.pub}" seen port "$@" 3>&- &
	pids+=($!)
	until [ -e port ]; do kill -0 $!; done
	url=http://127.0.0.1:$(cat port)
}

@test "a witness signs the checkpoint, which is kept and is the newest" {
	witness
	run -0 --separate-stderr ab-audit checkpoint --witness "$url/" --cosigner w.pub
	equals "$output" "$(cat L/checkpoint)"
	equals "$output" "$(cat L/checkpoints/10)"
	contains "$output" "— witness.example "
	run -0 --separate-stderr ab-audit verify --vkey k.pub --old L/checkpoint --cosigner w.pub
	contains "$output" "1 checkpoints that are kept"
	equals "$(wc -l <requests)" 1
	# It goes on from what was signed last, with a proof; the next record's checkpoint has no witness.
	seq 300 | ab-audit record --lines >/dev/null
	run -0 --separate-stderr ab-audit checkpoint --witness "$url" --cosigner w.pub
	equals "$(wc -l <requests)" 2
	run -0 ab-audit verify --old L/checkpoints/310 --cosigner w.pub
	echo 1 | ab-audit record >/dev/null
	run -0 ab-audit verify --old L/checkpoints/310 --cosigner w.pub --min-size 311
	run -1 ab-audit verify --old L/checkpoint --cosigner w.pub
}

@test "a witness that knows another size is asked again, from there" {
	ab-audit consistency | ab-audit cosign --key w --vkey k.pub --state seen >/dev/null
	seq 300 | ab-audit record --lines >/dev/null
	witness
	run -0 --separate-stderr ab-audit checkpoint --witness "$url/some/where" --cosigner w.pub
	equals "$(cat requests)" "POST /some/where/add-checkpoint HTTP/1.0
POST /some/where/add-checkpoint HTTP/1.0"
	run -0 ab-audit verify --old L/checkpoints/310 --cosigner w.pub
}

@test "two witnesses, one on a socket, and the signatures of both are kept" {
	ab-audit keygen --name other.example --key w2 >/dev/null
	witness
	"$AB_TOP/tests/witness.py" w2 k.pub seen2 unix:sock 3>&- &
	pids+=($!)
	until [ -S sock ]; do kill -0 $!; done
	ab-audit checkpoint --witness "$url" --cosigner w.pub >/dev/null
	ab-audit checkpoint --witness unix:sock --cosigner w2.pub >/dev/null
	equals "$(grep -c '^— ' L/checkpoints/10)" 3
	run -0 ab-audit verify --old L/checkpoint --cosigner w.pub --cosigner w2.pub
	run -0 ab-audit checkpoint --witness unix:sock --witness "$url" --cosigner w.pub --cosigner w2.pub
	equals "$(grep -c '^— ' L/checkpoints/10)" 3
	echo 1 | ab-audit record >/dev/null
	run -1 --separate-stderr ab-audit checkpoint --witness "$url" --cosigner w.pub --cosigner w2.pub
	equals "$stderr" "ab-audit: no signature by this key of other.example"
	[ ! -e L/checkpoints/11 ]
}

@test "what a witness refuses or makes up is an error by name, and nothing is kept" {
	local status body code why
	while IFS='|' read -r status body code why; do
		witness "$status" "$body"
		run "-$code" --separate-stderr ab-audit checkpoint --witness "$url" --cosigner w.pub
		equals "$output" ""
		equals "$stderr" "ab-audit: $url: $why"
		[ ! -e L/checkpoints ]
	done <<'P'
403||1|the witness trusts none of the checkpoint's signatures (403)
404||1|the witness does not know this log (404)
409|5\n|1|the witness says again that it has seen another size (409)
409|11\n|1|rolled back: the witness has seen 11 records, not 10
409|many\n|1|the witness says no size (409)
422||1|the witness says that the log does not go on from what it has seen (422)
400||1|the witness does not understand the request (400)
500||3|answered 500
200||1|answered with no good signature by a witness of --cosigner
200|hello\n|1|note has a malformed signature line
P
	# A signature by the witness, of another log's tree.
	ab-audit keygen --name example.org/ab --key k9 >/dev/null
	ab-audit init --log M --key k9
	seq 9 | ab-audit record --lines --log M --key k9 >/dev/null
	witness 200 "$(ab-audit consistency --log M | ab-audit cosign --key w --vkey k9.pub --state seen9 | sed 's/—/\\xe2\\x80\\x94/')\\n"
	run -1 --separate-stderr ab-audit checkpoint --witness "$url" --cosigner w.pub
	contains "$stderr" "no good signature by a witness"
	# A log that was forked since: the witness itself says so.
	ab-audit consistency | ab-audit cosign --key w --vkey k.pub --state seen >/dev/null
	rm -rf L && ab-audit init && seq 20 40 | ab-audit record --lines >/dev/null
	witness
	run -1 --separate-stderr ab-audit checkpoint --witness "$url" --cosigner w.pub
	contains "$stderr" "(422)"
}

@test "where a witness may be" {
	while IFS='|' read -r where why; do
		run -2 --separate-stderr ab-audit checkpoint --witness "$where" --cosigner w.pub
		equals "$stderr" "ab-audit: --witness: $where: $why"
	done <<'P'
https://witness.example|there is no TLS here; run a local proxy that speaks it, and name that: http://127.0.0.1:PORT
http://witness.example:80|plain HTTP goes to 127.0.0.1 or [::1] only; for others run a local proxy that speaks TLS
http://127.0.0.1|plain HTTP goes to 127.0.0.1 or [::1] only; for others run a local proxy that speaks TLS
ftp://127.0.0.1:1|expected http://127.0.0.1:PORT or unix:SOCKET
P
	run -2 --separate-stderr ab-audit checkpoint --witness unix:sock
	equals "$stderr" "ab-audit: --witness and --cosigner: one needs the other"
	run -3 --separate-stderr ab-audit checkpoint --witness unix:nowhere --cosigner w.pub
}

@test "kept checkpoints are checked: another tree's, another size's, a later one" {
	witness
	ab-audit checkpoint --witness "$url" --cosigner w.pub >/dev/null
	cp L/checkpoints/10 kept
	cp kept L/checkpoints/9
	run -1 --separate-stderr ab-audit verify
	equals "$stderr" "ab-audit: $PWD/L/checkpoints/9: not of this log"
	mv L/checkpoints/9 L/checkpoints/11
	run -1 --separate-stderr ab-audit verify
	contains "$stderr" "checkpoints/11: rolled back: there are 10 records"
	mv L/checkpoints/11 L/checkpoints/x
	run -1 --separate-stderr ab-audit verify
	contains "$stderr" "checkpoints/x: not the name of a checkpoint"
	rm L/checkpoints/x
	run -0 ab-audit verify
}

# authority: a time-stamping authority of our own.
authority() {
	cat >tsa.cnf <<'C'
[req]
distinguished_name = dn
prompt = no
x509_extensions = ext
[dn]
CN = stamps
[ext]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
[tsa]
default_tsa = t
[t]
serial = serial
signer_cert = cert.pem
signer_key = key.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256,sha512
C
	openssl req -x509 -newkey rsa:2048 -nodes -config tsa.cnf -keyout key.pem -out cert.pem -days 30 2>/dev/null
	echo 01 >serial
}

@test "a time stamp of the checkpoint: query, answer, and the command that checks it" {
	needs openssl
	authority
	run -0 --separate-stderr ab-audit checkpoint --tsa-query q
	run -0 openssl ts -query -in q -text
	contains "$output" "Hash Algorithm: sha256"
	contains "$output" "Certificate required: yes"
	openssl ts -reply -config tsa.cnf -queryfile q -out r 2>/dev/null
	echo 1 | ab-audit record >/dev/null
	run -0 --separate-stderr ab-audit checkpoint --tsa-reply r
	cmp r L/checkpoints/10.tsr
	run -0 --separate-stderr ab-audit verify
	contains "$output" "1 time stamps, the newest says 20"
	command=$(echo "$output" | grep -o 'openssl ts -verify .*' | sed 's/CA.pem/cert.pem/')
	run -0 bash -c "$command"
	contains "$output" "Verification: OK"
	equals "$(sed '/^$/,$d' L/checkpoints/10 | sha256sum | cut -d' ' -f1)" "$(echo "$command" | grep -o -- '-digest [0-9a-f]*' | cut -d' ' -f2)"
	# Another answer in its place, and one that is cut or of another hash.
	head -c 100 r >L/checkpoints/10.tsr
	run -1 --separate-stderr ab-audit verify
	contains "$stderr" "checkpoints/10.tsr: not a"
	echo other >other
	openssl ts -query -data other -sha256 -no_nonce -out q2 2>/dev/null
	openssl ts -reply -config tsa.cnf -queryfile q2 -out r2 2>/dev/null
	cp r2 L/checkpoints/10.tsr
	run -1 --separate-stderr ab-audit verify
	contains "$stderr" "checkpoints/10.tsr: a time stamp of something else"
	run -1 --separate-stderr ab-audit checkpoint --tsa-reply r2
	equals "$stderr" "ab-audit: r2: a time stamp of no checkpoint that is kept here"
	openssl ts -query -data other -sha512 -out q3 2>/dev/null
	openssl ts -reply -config tsa.cnf -queryfile q3 -out r3 2>/dev/null
	run -1 --separate-stderr ab-audit checkpoint --tsa-reply r3
	equals "$stderr" "ab-audit: r3: not a time stamp over a SHA-256 (RFC 3161, DER)"
	run -1 --separate-stderr ab-audit checkpoint --tsa-reply q
	ab-audit checkpoint --tsa-reply r >/dev/null
	run -0 ab-audit verify
}

# lite: litewitness with a key of its own, in a database that knows this log; its place is in $url.
lite() {
	local port
	ssh-keygen -q -t ed25519 -N '' -f id
	ssh-agent -D -a "$PWD/agent" >/dev/null 2>&1 3>&- &
	pids+=($!)
	until [ -S agent ]; do kill -0 $!; done
	SSH_AUTH_SOCK=$PWD/agent ssh-add -q id 2>/dev/null
	witnessctl add-log -db lite.db -origin example.org/ab >/dev/null
	witnessctl add-key -db lite.db -origin example.org/ab -key "$(cat k.pub)" >/dev/null
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	litewitness -db lite.db -ssh-agent agent -name lite.example -listen "127.0.0.1:$port" \
		-key "$(ssh-keygen -lf id.pub | cut -d ' ' -f 2)" 2>lite.log 3>&- &
	pids+=($!)
	until (exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do kill -0 $!; done
	sed -n 's/.*vkey="\{0,1\}\(lite\.example+[^" ]*\).*/\1/p' lite.log >lite.pub
	url=http://127.0.0.1:$port
}

@test "litewitness signs the checkpoint and what goes on from it, and nothing else" {
	needs litewitness witnessctl ssh-agent ssh-add ssh-keygen python3
	lite
	cp -r L before
	run -0 --separate-stderr ab-audit checkpoint --witness "$url" --cosigner lite.pub
	contains "$output" "— lite.example "
	seq 11 333 | ab-audit record --lines >/dev/null
	run -0 --separate-stderr ab-audit checkpoint --witness "$url" --cosigner lite.pub
	cp L/checkpoints/333 seen
	run -0 ab-audit verify --vkey k.pub --old seen --cosigner lite.pub
	# The same key over another history of that length, and over a shorter one.
	seq 11 333 | sed 's/.*/"&"/' | ab-audit record --log before --lines >/dev/null
	run -1 --separate-stderr ab-audit checkpoint --log before --witness "$url" --cosigner lite.pub
	equals "$output" ""
	run -1 --separate-stderr ab-audit verify --log before --old seen --cosigner lite.pub
	contains "$stderr" "forked"
}
