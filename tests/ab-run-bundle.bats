# SPDX-License-Identifier: Apache-2.0
# A bundle as the input: ab-bundle cat, ab-run --input BUNDLE and --input-key, and what the record says of it.
load lib
load workflow

setup() {
	# The agent is not root, and bats' own directory is closed to others.
	TOP=$(mktemp -d /tmp/ab-input-XXXXXX)
	chmod 755 "$TOP"
	cd "$TOP" || return 1
	a_log
	workflow look <<-'P'
		import json, os, sys
		n = json.load(sys.stdin)["count"]
		text = open("/input/src/a").read().strip()
		try:
		    open("/input/new", "w")
		except OSError as e:
		    text += " " + e.strerror
		print(json.dumps({"ok": True, "text": "%d %s" % (n, text)}))
	P
	mkdir -p tree/src && echo hello >tree/src/a && printf '{"count":7}' >tree/input.json && ln -s src tree/link
	IS=$(ab-bundle create tree b.tar.zst)
	chmod 644 b.tar.zst
	cp b.tar.zst plain # known by its first bytes
	mkdir -m 1777 tmp
	export TMPDIR=$TOP/tmp
}

teardown() { rm -rf "$TOP"; }

# signed: the bundle has a signature, good.pub is the signer's key, bad.pub another one's.
signed() {
	ab-audit keygen --name example.org/good --key ./good >/dev/null
	ab-audit keygen --name example.org/bad --key ./bad >/dev/null
	ab-bundle sign --key ./good b.tar.zst >/dev/null
}

@test "cat writes a file, and no byte of a bundle that is not whole" {
	run -0 --separate-stderr ab-bundle cat b.tar.zst input.json
	equals "$output$stderr" '{"count":7}'
	run -0 --separate-stderr bash -c 'ab-bundle cat - src/a <b.tar.zst'
	equals "$output" hello
	run -1 --separate-stderr ab-bundle cat b.tar.zst src
	equals "$output" ""
	equals "$stderr" "ab-bundle: b.tar.zst: src: no such file in it"
	run -1 --separate-stderr ab-bundle cat b.tar.zst link
	equals "$stderr" "ab-bundle: b.tar.zst: link: not a regular file"
	run -1 --separate-stderr ab-bundle cat b.tar.zst ../input.json
	run -1 --separate-stderr ab-bundle cat --identity "sha256:$(printf '%064d' 0)" b.tar.zst input.json
	equals "$output" ""
	equals "$stderr" "ab-bundle: b.tar.zst: is $IS"
	run -2 --separate-stderr ab-bundle cat absent input.json
	zstd -qd b.tar.zst -o b.tar
	# What is wrong comes after the file that was asked for.
	python3 -c 'd = open("b.tar", "rb").read(); open("b.tar", "wb").write(d.replace(b"hello\n", b"hallo\n"))'
	run -1 --separate-stderr ab-bundle cat b.tar input.json
	equals "$output" ""
	contains "$stderr" "ab-bundle: b.tar: "
	signed
	run -0 --separate-stderr ab-bundle cat --key good.pub b.tar.zst input.json
	run -1 --separate-stderr ab-bundle cat --key bad.pub b.tar.zst input.json
	equals "$output" ""
	run -3 bash -c 'ab-bundle cat b.tar.zst input.json >/dev/full'
}

@test "a run on a bundle: its document, its tree at /input, its identity in the record" {
	for b in b.tar.zst plain; do
		run -0 --separate-stderr ab-run --input "$b" ./look.yaml
		equals "$output" '{"ok": true, "text": "7 hello Read-only file system"}'
		equals "$stderr" ""
		equals "$(record input_bundle)" "$IS"
		recorded passed ""
	done
	equals "$(ls -A tmp)" ""
	equals "$(ab-run --print --input b.tar.zst ./look.yaml | head -3)" "eval \"\$(ab-audit begin --type look)\"
ab-bundle cat -- b.tar.zst input.json |
ab-validate --stage input --schema $TOP/look.yaml#/spec/input/schema |"
	ab-run --print --input b.tar.zst ./look.yaml >typed
	run -0 --separate-stderr sh ./typed
	equals "$output" '{"ok": true, "text": "7 hello Read-only file system"}'
	recorded passed ""
	run -0 --separate-stderr ab-run --keep kept --input b.tar.zst ./look.yaml
	equals "$(cat kept/1-bundle)" '{"count":7}'
}

@test "a bundle that its signer vouches for, and no other" {
	signed
	run -0 --separate-stderr ab-run --input b.tar.zst --input-key good.pub ./look.yaml
	equals "$output" '{"ok": true, "text": "7 hello Read-only file system"}'
	run -1 --separate-stderr ab-run --input b.tar.zst --input-key bad.pub ./look.yaml
	equals "$output" ""
	contains "$stderr" "stage bundle refused: b.tar.zst: "
	recorded refused "stage bundle refused"
	rm b.tar.zst.sig
	run -2 --separate-stderr ab-run --input b.tar.zst --input-key good.pub ./look.yaml
	equals "$output" ""
	contains "$stderr" "b.tar.zst.sig"
	echo '{"count":1}' >input.json
	run -2 --separate-stderr ab-run --input input.json --input-key good.pub ./look.yaml
	equals "$stderr" "ab-run: --input-key: there is no bundle as --input"
	run -2 --separate-stderr ab-run --batch tree --input-key good.pub ./look.yaml
	equals "$(ls -A tmp)" ""
}

@test "a bundle without the document, a changed one, and a document that is not right" {
	rm tree/input.json
	ab-bundle create tree none.abb >/dev/null && chmod 644 none.abb
	run -1 --separate-stderr ab-run --input none.abb ./look.yaml
	equals "$output" ""
	contains "$stderr" "stage bundle refused: none.abb: input.json: no such file in it"
	recorded refused "no such file in it"
	printf '{"count":"7"}' >tree/input.json
	ab-bundle create tree wrong.abb >/dev/null && chmod 644 wrong.abb
	run -1 --separate-stderr ab-run --input wrong.abb ./look.yaml
	contains "$stderr" "stage validate:input refused"
	recorded refused "validate:input"
	head -c 100 b.tar.zst >cut.abb
	run -1 --separate-stderr ab-run --input cut.abb ./look.yaml
	equals "$output" ""
	recorded refused "stage bundle refused"
	equals "$(ls -A tmp)" ""
}

@test "document and tree are from one bundle" {
	echo other >tree/src/a
	ab-bundle create tree other.abb >/dev/null && chmod 644 other.abb
	ab-run --print --input b.tar.zst ./look.yaml | sed '/^ab-jail/s/b.tar.zst/other.abb/' >typed
	run -1 --separate-stderr sh ./typed
	equals "$output" ""
	recorded failed "stage jail read another bundle than the document is from"
}
