# SPDX-License-Identifier: Apache-2.0
# What the operator shows of the host: --exec, --root, --models, --input.

load lib
load jail

setup() {
	# The ordinary user has to reach what is shown, and bats' own directory is closed to all others.
	TOP=$(mktemp -d /tmp/ab-mounts-XXXXXX)
	chmod 755 "$TOP"
	cd "$TOP"
}

teardown() { rm -rf "$TOP"; }

# image DIR PROGRAM...: an unpacked image with these programs, their loader and libraries.
image() {
	local dir=$1 p lib
	shift
	mkdir -p "$dir"/usr/{bin,lib} "$dir/etc" "$dir/tmp" "$dir/dev"
	ln -s usr/bin "$dir/bin"
	echo image >"$dir/etc/name"
	for p; do
		cp "$(command -v "$p")" "$dir/usr/bin/"
		for lib in $(ldd "$(command -v "$p")" | grep -o '/[^ ]*'); do
			mkdir -p "$dir${lib%/*}"
			cp "$lib" "$dir$lib"
		done
	done
}

# hash FILE: as it stands in receipts.
hash() { echo "sha256:$(sha256sum <"$1" | cut -d' ' -f1)"; }

fact() { python3 -c 'import json; f = json.load(open("receipt"))["facts"]; print('"$1"')'; }

@test "--exec: what is not named cannot be executed, what is named can" {
	both fails 127 "agent exited with status 127" -- sh -c 'tr a b'
	both gives b --exec tr -- sh -c 'echo a | tr a b'
	both gives b --exec /usr/bin/tr --exec cat -- sh -c 'echo a | cat | tr a b'
	both fails 125 "--exec: no-such: not found in /usr/local/bin:/usr/bin:/bin" --exec no-such -- true
	both fails 125 "--exec: /no/such: No such file or directory" --exec /no/such -- true
	both fails 125 "--exec: /etc/passwd: not executable" --exec /etc/passwd -- true
}

@test "--exec brings what the program needs: libraries, interpreter, env" {
	printf '#!/usr/bin/env python3\nimport json\nprint(json.dumps([1]))\n' >py && chmod 755 py
	printf '#!/bin/sh\necho sh\n' >script && chmod 755 script
	both fails 127 "agent exited with status 127" -- bash -c ./py
	both gives '[1]' --exec ./py -- bash -c "$PWD/py"
	both gives sh --exec ./script -- python3 -c "import subprocess, sys; sys.stdout.write(subprocess.run(['$PWD/script'], capture_output=True, text=True).stdout)"
}

@test "--exec refuses what only root can read" {
	needs_root
	cp /bin/true t && chmod 700 t
	fails 125 "--exec: $PWD/t: not readable by user 65534, as whom an agent that root starts runs" --exec ./t -- true
}

@test "--models is at /models: read-only, and nothing in it is executed" {
	mkdir -p weights/deep && echo w >weights/deep/f && cp /bin/true weights/t
	chmod -R a+rX weights
	both gives w --models weights -- cat /models/deep/f
	both fails 126 "agent exited with status 126" --models weights -- sh -c /models/t
	both fails 1 "agent exited with status 1" --models weights -- tee /models/new
	both fails 1 "agent exited with status 1" --models weights -- python3 -c 'open("/models/deep/f", "a")'
	both fails 125 "--models: weights/t: not a directory" --models weights/t -- true
	both fails 125 "--models: $PWD/no-such: No such file or directory" --models no-such -- true
	# Whatever shows it, the mount itself has no execution: not even the loader maps it.
	both gives noexec --models weights -- python3 -c 'print([o for l in open("/proc/self/mounts") if " /models " in l for o in l.split()[3].split(",") if o == "noexec"][0])'
}

@test "--input is at /input: a file or a directory, read-only" {
	mkdir in && echo a >in/a && echo f >file && cp /bin/true in/t
	chmod -R a+rX in file
	both gives a --input in -- cat /input/a
	both gives f --input file -- cat /input
	both fails 126 "agent exited with status 126" --input in -- sh -c /input/t
	both fails 1 "agent exited with status 1" --input in -- tee /input/a
	equals "$(cat in/a)" a
}

@test "the digest of the models is part of the agent's, that of the input stands by itself" {
	cp "$AB_BUILD/agents/attack" static && mkdir m in && echo m >m/f && echo i >in/f && ln -s f in/l
	chmod -R a+rX . && chmod 755 static
	static=$PWD/static
	with_receipt run ab-jail --models m --input in -- "$static" --inside
	printf 'f 644 %s f\n' "$(hash m/f)" >m.tree
	printf 'f 644 %s f\nl 777 0 l f\n' "$(hash in/f)" >in.tree
	printf 'tree %s /models\nfile %s %s\n' "$(hash m.tree)" "$(hash static)" "$static" | sort -k3 >all
	equals "$(fact 'f["agent_digest"]')" "$(hash all)"
	equals "$(fact 'f["input_digest"]')" "$(hash in.tree)"
	with_receipt run ab-jail --models m --input in/f -- "$static" --inside
	equals "$(fact 'f["agent_digest"]')" "$(hash all)"
	equals "$(fact 'f["input_digest"]')" "$(hash in/f)"
}

@test "--root: the image is the root, with the jail's own over it" {
	image img sh cat
	echo hidden >img/tmp/hidden && echo hidden >img/dev/hidden
	both gives image --root img -- cat /etc/name
	both gives image --root img -- /bin/sh -c 'cat /etc/name'
	both gives "" --root img -- sh -c 'echo x >/tmp/y && : </dev/null && while read -r l; do :; done </proc/self/status'
	both fails 1 "agent exited with status 1" --root img -- cat /tmp/hidden
	both fails 1 "agent exited with status 1" --root img -- cat /dev/hidden
	both fails 1 "agent exited with status 1" --root img -- cat /etc/passwd
	both fails 1 "agent exited with status 1" --root img -- cat "$PWD/img/etc/name"
	both fails 2 "agent exited with status 2" --root img -- sh -c 'echo x >/etc/name'
	both fails 2 "agent exited with status 2" --root img -- sh -c 'echo x >/new'
	equals "$(cat img/etc/name)" image
}

@test "--root: links of the image stay in it, also for the command" {
	image img cat
	ln -s /etc/passwd img/etc/out && ln -s ../../../../../../etc/passwd img/etc/up
	ln -s /usr/bin/cat img/kitten && ln -s /bin/true img/usr/bin/outside && ln -s ../../../../../bin/true img/usr/bin/above
	echo img >img/etc/passwd
	both gives image --root img -- /kitten /etc/name
	both gives img --root img -- cat /etc/out
	both gives img --root img -- cat /etc/up
	both fails 127 "/usr/bin/outside: No such file or directory" --root img -- /usr/bin/outside
	both fails 127 "above: not found in /usr/local/bin:/usr/bin:/bin of the image" --root img -- above
	both fails 125 "./cat: in an image, a name or an absolute path" --root img -- ./cat
	both fails 125 "--root: /: the host's root cannot be the jail's" --root / -- cat
	both fails 125 "--root: /no/such: No such file or directory" --root /no/such -- cat
	both fails 125 "--exec: with --root every program of the image can be executed, and no other" --root img --exec true -- cat
}

@test "--root: set-user-ID bits of the image are ignored" {
	needs_root
	image img id
	chmod 4755 img/usr/bin/id
	gives 65534 --root img -- id -u
}

@test "--root: what else is shown takes a place of its own" {
	image img cat
	mkdir x && echo x >x/f && mkdir img/input
	both gives x --root img --ro x:/x -- cat /x/f
	both gives x --root img --input x -- cat /input/f
	both fails 125 "--root: /etc: the image has one, nothing can be shown in it" --root img --ro x:/etc/x -- cat
}

@test "--root: the whole image is in the agent's digest" {
	mkdir -p img/a && cp "$AB_BUILD/agents/attack" img/static && echo x >img/a/f && ln -s a/f img/l
	chmod -R a+rX img && chmod 755 img img/a img/static
	with_receipt run ab-jail --root img -- /static --inside
	printf 'd 755 0 a\nf 644 %s a/f\nl 777 0 l a/f\nf 755 %s static\n' "$(hash img/a/f)" "$(hash img/static)" >tree
	printf 'tree %s /\n' "$(hash tree)" >all
	equals "$(fact 'f["agent_digest"]')" "$(hash all)"
}
