# SPDX-License-Identifier: Apache-2.0
# The security-audit workflow: its agent alone (tests/agent_audit_test.py holds the cases; the system's own Python runs
# them, since that is what the jail offers), and the whole jailed end to end.
load lib
load workflow

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	home=$AB_TOP/share/workflows/security-audit
}

cases() { run -0 --separate-stderr /usr/bin/python3 "$BATS_TEST_DIRNAME/agent_audit_test.py" "$@"; }
sample() { ab-bundle input --root "$home/samples/infra" --files 'documents=**'; }
# same FILE FILE: whether both hold the same JSON.
same() { /usr/bin/python3 -c 'import json, sys; a, b = (json.load(open(f)) for f in sys.argv[1:]); sys.exit(a != b)' "$@"; }

@test "the audit agent reads YAML, and refuses with its line what it does not know" { cases Yaml; }
@test "the audit agent reads HCL and works out what the documents allow" { cases Hcl; }
@test "the audit agent reads JSON strictly" { cases Json; }
@test "the audit agent's checks: labelled documents, catalogue, status, score" { cases Checks; }
@test "the audit agent stays within its bounds on hostile documents, and grows linearly" { cases Whole; }

@test "the audit agent needs nothing but the standard library, and starts nothing" {
	local own
	own=$(cd "$home/agent" && printf '%s|' *.py | sed 's/\.py|/|/g; s/|$//')
	run -0 grep -hE '^ *(import|from) [a-z_.]+' "$home"/agent/*.py
	run -1 grep -vE "^ *(import|from) (json|os|posixpath|re|sys|fnmatch|collections|json\.decoder|$own)\b" <<<"$output"
	run -1 grep -nE '\b(open|socket|subprocess|eval|exec|__import__)\b *[(]' "$home"/agent/*.py
}

@test "the samples come back as expected, jailed, with a record" {
	a_log
	sample >input.json
	run -0 --separate-stderr ab-run --input input.json security-audit
	equals "$stderr" ""
	echo "$output" >audit.json
	same audit.json "$home/samples/expected.json"
	recorded passed ""
	equals "$(record workflow_type)" security-audit
	equals "$(record isolation_verified)" true
	equals "$(record output_hash)" "sha256:$(sha256sum <audit.json | cut -d' ' -f1)"
}

@test "an ordinary user gets the same audit" {
	needs_root
	local d
	d=$(user_directory)
	sample >"$d/input.json"
	chmod 644 "$d/input.json"
	cd "$d"
	as_user bash -c 'export XDG_STATE_HOME=$PWD/state PATH=$1/bin:$PATH; unset AB_AUDIT_LOG AB_AUDIT_KEY_FILE
		mkdir -p state/agentbox
		ab-audit keygen --name example.org/user --key state/agentbox/key >/dev/null && ab-audit init &&
		ab-run --input input.json security-audit >audit.json' _ "$AB_BUILD"
	same audit.json "$home/samples/expected.json"
	cd /
	rm -rf "$d"
}

@test "what the input of an audit may be" {
	local bad
	a_log
	for bad in '{}' '{"documents":[]}' '{"documents":[{"path":"a.tf"}]}' '{"documents":[{"path":"","content":""}]}' '{"documents":[{"path":"a","content":"","more":1}]}' \
		'{"documents":[{"path":"a","content":"","kind":"cloudformation"}]}' '{"documents":[{"path":"a.tf","content":""}],"accepted":[{"id":"AWS-001"}]}' \
		'{"documents":[{"path":"a.tf","content":""}],"frameworks":["pci"]}'; do
		run -1 --separate-stderr ab-run security-audit <<<"$bad"
		equals "$output" ""
		contains "$stderr" "ab-run: stage validate:input refused: "
	done
	run -0 --separate-stderr ab-run security-audit <<<'{"documents":[{"path":"a.tf","content":"","kind":"auto"}]}'
	contains "$output" '"status":"incomplete"'
}

@test "a resource whose name is markup or an address is audited, and the name does not come out" {
	a_log
	printf 'resource "aws_kms_key" "<script>alert(1)</script> https://evil.example/?q=" {}\n' >evil.tf
	ab-bundle input --root . --files 'documents=*.tf' >input.json
	run -0 --separate-stderr ab-run --input input.json security-audit
	contains "$output" '"id":"AWS-062"'
	case $output in *script\>* | *://*) false ;; esac
}

@test "the samples' schema holds for each field: the definition is strict" {
	run -0 ab-run --check security-audit
	run -0 /usr/bin/python3 - "$home/workflow.yaml" <<-'P'
		import re, sys
		text = open(sys.argv[1]).read()
		objects = len(re.findall(r"type: object", text))
		assert objects == len(re.findall(r"additionalProperties: false", text)), "an object is open"
		for line in text.splitlines():
		    assert "type: string" not in line or "maxLength" in line or "enum" in line or line.rstrip().endswith("type: string"), line
	P
}

@test "the manual names each check as the catalogue has it, and its examples run" {
	local page=$AB_TOP/man/ab-security-audit.7
	/usr/bin/python3 "$AB_TOP/tests/corpus/security-audit/catalog.py" >checks
	sed -n '/^\.Ss Kubernetes$/,/^\.Sh FILES$/p' "$page" | sed '$d' >page
	run -0 diff checks page
	run -0 "$AB_TOP/tests/manual.py" examples "$AB_BUILD/bin" "$page"
}

@test "the labelled documents see an agent that got worse" {
	mkdir -p tree/share/workflows tree/tests/corpus
	cp -r "$home" tree/share/workflows/
	cp -r "$AB_TOP/tests/corpus/security-audit" tree/tests/corpus/
	sed -i 's/if truth(c.security.get("privileged"))/if not truth(c.security.get("privileged"))/' tree/share/workflows/security-audit/agent/checks_pod.py
	run -1 /usr/bin/python3 tree/tests/corpus/security-audit/measure.py
}

@test "each part of the workflow is installed" {
	run -0 "$AB_TOP/tests/install.sh" install "$AB_BUILD" "$PWD/root"
	run -0 diff -r "$AB_TOP/share/workflows" "$PWD/root/share/agentbox/workflows" --exclude=__pycache__
	[ -x root/share/agentbox/workflows/security-audit/agent/audit.py ]
	[ -e root/share/man/man7/ab-security-audit.7 ]
}
