# SPDX-License-Identifier: Apache-2.0
# ab-bundle input: the input document.

load lib

setup() {
	mkdir -p "$BATS_TEST_TMPDIR/w"
	cd "$BATS_TEST_TMPDIR/w"
	export HOME=$PWD
	git config --global user.name t
	git config --global user.email t@example.org
	git config --global init.defaultBranch main
}

refused() { # STATUS SAID ARG...
	local status=$1 said=$2
	shift 2
	run "-$status" --separate-stderr ab-bundle input "$@"
	equals "$output" ""
	equals "$stderr" "ab-bundle input: $said"
}

@test "values, text and files, sorted and compact" {
	mkdir src
	printf 'int b;\n' >src/b.c
	printf 'caf\303\251 "\\\t' >src/a.c
	printf 'one\ntwo' >d.diff
	run -0 --separate-stderr ab-bundle input --set repository=acme/shop --set-int pull_request_id=-7 --set-file diff=d.diff --files 'context_files=src/*.c' --set 'empty='
	equals "$output" '{"context_files":[{"content":"café \"\\\t","path":"src/a.c"},{"content":"int b;\n","path":"src/b.c"}],"diff":"one\ntwo","empty":"","pull_request_id":-7,"repository":"acme/shop"}'
	equals "$stderr" ""
}

@test "nothing to put into a document is a usage error" {
	run -2 --separate-stderr ab-bundle input
	equals "$output" ""
	equals "$stderr" "ab-bundle input: nothing to put into a document; try ab-bundle input --help"
}

@test "--set-file reads stdin as -" {
	run -0 --separate-stderr ab-bundle input --set-file d=- <<<hello
	equals "$output" '{"d":"hello\n"}'
}

@test "what cannot be an assignment, a number or a member set twice is a usage error" {
	refused 2 "nothing: expected KEY=VALUE" --set nothing
	refused 2 "=x: expected KEY=VALUE" --set =x
	refused 2 "n: 9007199254740992: not a number from 0 to 9007199254740991" --set-int n=9007199254740992
	refused 2 "a: set twice" --set a=1 --set a=2
	refused 2 "a: set twice" --set a=1 --set-int a=2
	echo x >f
	refused 2 "a: set twice" --set a=1 --files a=f
	refused 2 "v: byte 1 is not UTF-8" --set $'v=a\xff'
	refused 2 "key: byte 0 is not UTF-8" --set $'\xff=a'
}

@test "text that is not UTF-8 is refused with its file and offset" {
	printf 'ab\xc0\x80' >bad
	refused 1 "bad: byte 2 is not UTF-8" --set-file d=bad
	refused 1 "bad: byte 2 is not UTF-8" --files f=bad
	refused 1 "stdin: byte 2 is not UTF-8" --set-file d=- <bad
}

@test "a file that is not there or cannot be read is a usage error" {
	refused 2 "nowhere: No such file or directory" --set-file d=nowhere
	refused 2 "nowhere: matches no file" --files f=nowhere
	refused 2 "*.c: matches no file" --files 'f=*.c'
	refused 2 ".: read: Is a directory" --set-file d=.
}

@test "an unreadable file is named" {
	echo x >secret
	chmod 000 secret
	chmod 755 . .. ../.. "$BATS_RUN_TMPDIR"
	run -2 --separate-stderr as_user ab-bundle input --files f=secret
	equals "$stderr" "ab-bundle input: secret: Permission denied"
}

@test "globs: wildcards stop at slashes and leading dots, ** takes directories" {
	mkdir -p a/b/c .hidden/x a/.h
	for f in top.c a/one.c a/b/two.c a/b/c/three.c .hidden/x/four.c a/.h/five.c a/.six.c; do : >"$f"; done
	paths() { ab-bundle input "${@/#/--files=f=}" | python3 -c 'import json,sys; print(*[f["path"] for f in json.load(sys.stdin)["f"]])'; }
	equals "$(paths '*.c')" "top.c"
	equals "$(paths '*/*.c')" "a/one.c"
	equals "$(paths '**/*.c')" "a/b/c/three.c a/b/two.c a/one.c top.c"
	equals "$(paths '**')" "a/b/c/three.c a/b/two.c a/one.c top.c"
	equals "$(paths 'a/**')" "a/b/c/three.c a/b/two.c a/one.c"
	equals "$(paths 'a/**/**/two.c')" "a/b/two.c"
	equals "$(paths './a//b/./two.c')" "a/b/two.c"
	equals "$(paths 'a/.*.c')" "a/.six.c"
	equals "$(paths '.hidden/**/*.c')" ".hidden/x/four.c"
	equals "$(paths 'a/[op]ne.?')" "a/one.c"
	equals "$(paths 'top.c' '*.c' 'a/one.c')" "a/one.c top.c"
}

@test "a pattern that is absolute or leaves the tree is a usage error" {
	refused 2 "/etc/passwd: absolute pattern; files are named relative to the root" --files f=/etc/passwd
	refused 2 '../x: ".." in the pattern' --files f=../x
	refused 2 'a/../../x: ".." in the pattern' --files f=a/../../x
	refused 2 "empty pattern" --files f=
	refused 2 "nowhere: No such file or directory" --root nowhere --files f=x
}

@test "links are followed inside the tree and refused when they lead out" {
	mkdir d
	echo inside >d/f
	ln -s d/f good
	ln -s d e
	run -0 --separate-stderr ab-bundle input --files f=good --files f=e/f
	equals "$output" '{"f":[{"content":"inside\n","path":"e/f"},{"content":"inside\n","path":"good"}]}'
	echo outside >../outside
	ln -s ../outside out
	refused 1 "out: leads out of the tree" --files f=out
	refused 1 "out: leads out of the tree" --files 'f=o*'
	ln -s /etc/passwd absolute
	refused 1 "absolute: leads out of the tree" --files f=absolute
	ln -s .. up
	refused 2 "up/outside: matches no file" --files f=up/outside
	ln -s circle circle
	refused 1 "circle: symbolic links in a circle" --files f=circle
	ln -s nowhere dangling
	refused 2 "dangling: No such file or directory" --files f=dangling
}

@test "what is no regular file is refused, and a FIFO does not hold it up" {
	mkfifo fifo
	refused 1 "fifo: not a regular file" --files f=fifo
}

@test "names that cannot stand in a document are refused" {
	: >$'a\nb'
	refused 1 "a?b: control character in the name" --files 'f=a*'
	rm a*
	: >'a\b'
	refused 1 'a\b: backslash in the name' --files 'f=a*'
}

@test "limits: of a file, of their number, of the document" {
	printf 'é%.0s' {1..10} >f
	run -0 ab-bundle input --max-file 10 --files f=f
	refused 1 "f: 10 characters, more than the 9 of --max-file" --max-file 9 --files f=f
	: >g
	refused 1 "f: 2 files, more than the 1 of --max-files" --max-files 1 --files 'f=*'
	refused 1 "document: 41 bytes, more than the 40 of --max-bytes" --max-bytes 40 --set a=12345678901234567890123456789012
	head -c 100 /dev/zero | tr '\0' x >large
	run -2 --separate-stderr ab-bundle input --max-bytes 99 --set-file d=large
	contains "$stderr" "large: "
	run -1 --separate-stderr ab-bundle input --max-bytes 99 --files d=large
	contains "$stderr" "large: "
}

make_repository() {
	git init -q .
	mkdir src
	printf 'int a;\n' >src/a.c
	printf 'gone\n' >gone
	git add -A
	git commit -qm one
	printf 'int a;\nint b;\n' >src/a.c
	git rm -q gone
	printf 'new\n' >"ü.txt"
	git add -A
	git commit -qm two
}

@test "--from-git: the diff and the files after it" {
	make_repository
	run -0 --separate-stderr ab-bundle input --from-git HEAD
	equals "$stderr" ""
	equals "$(python3 -c 'import json,sys; d = json.loads(sys.argv[1]); print(d["diff"], end=""); print(d["context_files"])' "$output")" "diff --git a/gone b/gone
deleted file mode 100644
index $(git rev-parse --short HEAD~1:gone)..0000000
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-gone
diff --git a/src/a.c b/src/a.c
index $(git rev-parse --short HEAD~1:src/a.c)..$(git rev-parse --short HEAD:src/a.c) 100644
--- a/src/a.c
+++ b/src/a.c
@@ -1 +1,2 @@
 int a;
+int b;
diff --git a/ü.txt b/ü.txt
new file mode 100644
index 0000000..$(git rev-parse --short HEAD:ü.txt)
--- /dev/null
+++ b/ü.txt
@@ -0,0 +1 @@
+new
[{'content': 'int a;\nint b;\n', 'path': 'src/a.c'}, {'content': 'new\n', 'path': 'ü.txt'}]"
	same=$output
	equals "$(ab-bundle input --from-git HEAD~1..HEAD)" "$same"
	equals "$(ab-bundle input --from-git HEAD~1..)" "$same"
	equals "$(ab-bundle input --root src --from-git HEAD)" "$same"
	# The working tree does not matter.
	echo changed >src/a.c
	equals "$(ab-bundle input --from-git HEAD)" "$same"
}

@test "--from-git: the first commit, a merge base, a renamed file" {
	make_repository
	first=$(ab-bundle input --from-git HEAD~1)
	contains "$first" '{"content":"gone\n","path":"gone"}'
	git checkout -q -b side HEAD~1
	git mv gone moved
	git commit -qm three
	run -0 --separate-stderr ab-bundle input --from-git main...side
	contains "$output" 'rename from gone\nrename to moved'
	contains "$output" '"context_files":[{"content":"gone\n","path":"moved"}]'
	# With two dots main's own change is undone.
	contains "$(ab-bundle input --from-git main..side)" '-int b;'
}

@test "--from-git: what does not fit is left out with a note, in the diff it stays" {
	make_repository
	printf '\000bin' >b.bin
	printf 'latin \351\n' >z.latin
	ln -s /etc/passwd link
	printf 'x%.0s' {1..100} >large
	: >$'con\ttrol'
	git add -A
	git commit -qm three
	refused 1 "diff: byte $(git -c core.quotePath=false diff-tree -r -p --root HEAD~1 HEAD | python3 -c '
import sys
data = sys.stdin.buffer.read()
print(data.index(b"\xe9"))') is not UTF-8" --from-git HEAD
	git rm -q --cached z.latin
	git commit -q --amend -m three
	run -0 --separate-stderr ab-bundle input --max-file 99 --from-git HEAD
	contains "$output" '"context_files":[]'
	contains "$output" 'Binary files /dev/null and b/b.bin differ'
	contains "$output" 'new file mode 120000'
	equals "$stderr" "ab-bundle input: con?trol: left out of context_files: its name cannot stand in a document
ab-bundle input: link: left out of context_files: a symbolic link
ab-bundle input: b.bin: left out of context_files: not UTF-8 text
ab-bundle input: large: left out of context_files: too large"
	run -0 --separate-stderr ab-bundle input --max-files 1 --from-git HEAD~1
	equals "$stderr" "ab-bundle input: context_files: 1 more changed files left out, --max-files is 1"
	contains "$output" '"context_files":[{"content":"int a;\nint b;\n","path":"src/a.c"}]'
}

@test "--from-git: a diff that is too large is refused" {
	make_repository
	size=$(ab-bundle input --from-git HEAD | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["diff"]))')
	run -0 ab-bundle input --max-diff "$size" --from-git HEAD
	refused 1 "diff: $size characters, more than the $((size - 1)) of --max-diff" --max-diff $((size - 1)) --from-git HEAD
}

@test "--from-git: attributes, configuration and variables cannot hide or add anything" {
	make_repository
	want=$(ab-bundle input --from-git HEAD)
	printf '* -diff\n*.c binary filter=evil diff=evil\n' >.gitattributes
	printf '* -diff\n' >src/.gitattributes
	git add -A
	git config diff.evil.textconv "touch $PWD/ran; echo hidden"
	git config diff.evil.command "touch $PWD/ran"
	git config filter.evil.smudge "touch $PWD/ran"
	git config diff.external "touch $PWD/ran"
	git config core.fsmonitor "touch $PWD/ran"
	git config core.pager "touch $PWD/ran"
	git config diff.noprefix true
	git config diff.context 0
	git config color.ui always
	git config diff.algorithm histogram
	git config core.quotePath true
	export GIT_EXTERNAL_DIFF="touch $PWD/ran" GIT_DIR=/nonexistent GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=diff.renames GIT_CONFIG_VALUE_0=false
	equals "$(ab-bundle input --from-git HEAD)" "$want"
	[ ! -e ran ]
}

@test "--from-git: no repository, no such commit, an option for git, a shallow clone" {
	run -2 --separate-stderr env GIT_CEILING_DIRECTORIES=/ ab-bundle input --from-git HEAD
	contains "$stderr" "ab-bundle input: git: fatal: not a git repository"
	make_repository
	refused 2 "nowhere: no such commit" --from-git nowhere
	refused 2 "nowhere: no such commit" --from-git HEAD..nowhere
	refused 2 "--output=x: no such commit" --from-git --output=x
	git clone -q --depth 1 "file://$PWD" shallow
	refused 2 "HEAD: its parent is not in this shallow clone" --root shallow --from-git HEAD
	refused 2 "diff: set twice" --set diff=x --from-git HEAD
}

@test "--from-git: a git that hangs or floods is stopped" {
	mkdir bin
	printf '#!/bin/sh\nwhile :; do :; done\n' >bin/git
	chmod 755 bin/git
	PATH=$PWD/bin:$PATH refused 3 "git: not done after 50 ms" --git-time 50ms --from-git HEAD
	printf '#!/bin/sh\nexec cat /dev/zero\n' >bin/git
	PATH=$PWD/bin:$PATH refused 1 "git: more than 400 bytes" --max-bytes 100 --from-git HEAD
	rm bin/git
	run -2 --separate-stderr env PATH="$PWD/bin" "$AB_BUILD/bin/ab-bundle" input --from-git HEAD
	equals "$stderr" "ab-bundle input: git: git: No such file or directory"
}

@test "output that is lost is trouble" {
	run -3 bash -c 'ab-bundle input --set a=b 2>&1 >/dev/full'
	equals "$output" "ab-bundle input: standard output: write: No space left on device"
}
