#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ab-audit rekey: a log's key is replaced, both sign for a while, and each holder of a key can follow.
load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ab-audit keygen --name example.org/ab --key k >/dev/null
	ab-audit keygen --name example.org/ab --key k2 >/dev/null
	ab-audit init --log L --key k
	export AB_AUDIT_LOG=$PWD/L AB_AUDIT_KEY_FILE=$PWD/k
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 0700 run
	cp k old
	cp k.pub old.pub
}

run_of() { eval "$(ab-audit begin --type t)" && printf out | ab-audit append >/dev/null; }
signatures() { grep -c '^— example.org/ab ' "${1:-L/checkpoint}"; }

# stranger VKEY: the verifier on Go's packages; a silent pass where there is no Go.
stranger() {
	command -v go >/dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] || return 0
	[ -x ./stranger ] || GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$PWD/cache go build -o stranger "$AB_TOP/tests/stranger/verify.go"
	./stranger L "$1" 0
}

@test "both keys sign for a while, then the new one alone; all can follow" {
	run_of
	ab-audit checkpoint >before
	run -0 --separate-stderr ab-audit rekey --next-key k2
	equals "$output" "$(cat k2.pub)"
	equals "$(stat -c %a k)" 600
	equals "$(cat k)" "$(cat old k2)"
	equals "$(cat L/vkey)" "$(cat old.pub k2.pub)"
	equals "$(signatures)" 2
	run_of
	for key in old.pub k2.pub L/vkey; do
		run -0 --separate-stderr ab-audit verify --vkey "$key" --old before --min-size 5
		contains "$output" "good: 5 records (2 executions"
		contains "$output" "key: being replaced: the last two of the log's 2 sign"
		run -0 --separate-stderr ab-audit show --vkey "$key" 4
	done
	stranger old.pub
	stranger k2.pub
	equals "$(ab-audit export --format dsse | tail -1 | grep -o '"keyid"' | wc -l)" 2
	ab-audit checkpoint >during
	run -0 --separate-stderr ab-audit rekey --finish
	equals "$output" "$(cat k2.pub)"
	equals "$(cat k)" "$(cat k2)"
	equals "$(signatures)" 1
	run_of
	for key in old.pub k2.pub; do
		for kept in before during; do
			run -0 --separate-stderr ab-audit verify --vkey "$key" --old "$kept" --min-size 8
			contains "$output" "good: 8 records (3 executions"
			contains "$output" "key: the last of 2, each named by the one before"
		done
	done
	stranger k2.pub
	if [ -x ./stranger ]; then
		run -1 ./stranger L old.pub 0
	fi
	run -1 --separate-stderr ab-audit show --vkey old.pub 0
	equals "$stderr" "ab-audit: $PWD/L: checkpoint: no signature by this key of example.org/ab"
	# And again.
	ab-audit keygen --name example.org/ab --key k3 >/dev/null
	ab-audit rekey --next-key k3 >/dev/null
	ab-audit rekey --finish >/dev/null
	for key in old.pub k2.pub k3.pub; do
		run -0 --separate-stderr ab-audit verify --vkey "$key"
	done
	contains "$output" "key: the last of 3"
}

@test "a proof convinces whoever has one of the keys that signed" {
	run_of
	ab-audit rekey --next-key k2 >/dev/null
	run_of
	ab-audit prove 4 >both
	run -0 --separate-stderr ab-audit check-proof --vkey old.pub both
	run -0 --separate-stderr ab-audit check-proof --vkey k2.pub both
	ab-audit rekey --finish >/dev/null
	ab-audit prove 1 >proof
	run -1 --separate-stderr ab-audit check-proof --vkey old.pub proof
	# The checkpoint is the new key's, the record the old one's: it takes both.
	run -1 --separate-stderr ab-audit check-proof --vkey k2.pub proof
	run -0 --separate-stderr ab-audit check-proof --vkey L/vkey proof
}

@test "a writer that does not have both keys is refused and changes nothing" {
	ab-audit rekey --next-key k2 >/dev/null
	for key in old k2; do
		run -2 --separate-stderr ab-audit record --key "$key" < <(echo 1)
		contains "$stderr" "not"
		equals "$output" ""
	done
	run -0 ab-audit verify --min-size 1
	ab-audit rekey --finish >/dev/null
	run -2 --separate-stderr ab-audit record --key old < <(echo 1)
	run -0 ab-audit record --key k2 < <(echo 1)
	run -0 ab-audit verify --min-size 3
}

@test "a writer that was at work when the key was replaced loses nothing" {
	local what size
	for what in begun ended; do
		size=$([ "$what" = begun ] && echo 3 || echo 4)
		rm -rf L k && cp old k && ab-audit init
		mkfifo in."$what" out."$what"
		ab-audit record --lines <in."$what" >out."$what" 2>err 3>&- &
		exec 7>in."$what" 8<out."$what"
		echo 1 >&7
		read -r <&8
		ab-audit rekey --next-key k2 >/dev/null
		echo 2 | ab-audit record >/dev/null
		[ "$what" = begun ] || ab-audit rekey --finish >/dev/null
		echo 3 >&7
		status=0
		wait $! || status=$?
		exec 7>&- 8<&-
		equals $status 2
		contains "$(cat err)" "its key is being replaced, and example.org/ab+"
		run -0 --separate-stderr ab-audit verify --min-size "$size"
		equals "$stderr" ""
		contains "$output" "good: $size records"
	done
}

@test "rekey refuses what is no next key, and finish where nothing is to finish" {
	ab-audit keygen --name other --key o >/dev/null
	run -2 --separate-stderr ab-audit rekey --next-key o
	equals "$stderr" "ab-audit: --next-key: is named other, the log's key example.org/ab"
	run -2 --separate-stderr ab-audit rekey --next-key old
	equals "$stderr" "ab-audit: --next-key: the log has or had this key already"
	run -2 --separate-stderr ab-audit rekey --finish
	equals "$stderr" "ab-audit: $PWD/L: its key is not being replaced"
	run -2 --separate-stderr ab-audit rekey
	run -2 --separate-stderr ab-audit rekey --finish --next-key k2
	equals "$stderr" "ab-audit: expected either --next-key or --finish"
	equals "$(cat k)" "$(cat old)"
	ab-audit rekey --next-key k2 >/dev/null
	run -2 --separate-stderr ab-audit rekey --next-key k2
	equals "$stderr" "ab-audit: $PWD/L: its key is being replaced already (--finish)"
	ab-audit keygen --name n --key n >/dev/null
	run -2 --separate-stderr ab-audit rotate --next-log N --next-key n
	equals "$stderr" "ab-audit: $PWD/L: its key is being replaced: rekey --finish first"
	[ ! -e N ]
}

@test "a crash at any point of rekey and of its end is made good by trying again" {
	needs strace
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	[[ $AB_BUILD != */san ]] || skip "a sanitizer's runtime makes calls of its own"
	local call n step
	run_of
	cp -a L start
	for step in "--next-key k2" --finish; do
		for call in openat write renameat fdatasync fsync; do
			for ((n = 1; n < 40; n++)); do
				rm -rf L k && cp -a start L && cp -a "${base:-old}" k
				# shellcheck disable=SC2086
				strace -qq -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$n ab-audit rekey $step >/dev/null 2>&1 && break
				ab-audit verify --vkey old.pub >/dev/null
				# shellcheck disable=SC2086
				ab-audit rekey $step >again 2>&1 || contains "$(cat again)" "replaced"
				echo 1 | ab-audit record >/dev/null
				ab-audit verify --vkey old.pub --min-size 4 >/dev/null
				ab-audit verify --vkey k2.pub --min-size 4 >/dev/null
			done
			[ "$n" -gt 1 ] && [ "$n" -lt 40 ]
		done
		rm -rf start && cp -a L start && cp -a k base && base=base
	done
}

@test "no key slips in: forged records of a replacement do not verify" {
	ab-audit rekey --next-key k2 >/dev/null
	cp -a L good
	# Another first key, another order, a key more, a key less.
	ab-audit keygen --name example.org/ab --key evil >/dev/null
	for keys in "evil.pub k2.pub" "k2.pub old.pub" "old.pub k2.pub evil.pub" "evil.pub old.pub k2.pub" "k2.pub" "evil.pub"; do
		# shellcheck disable=SC2086
		cat $keys >L/vkey
		run -1 --separate-stderr ab-audit verify
		equals "$output" ""
	done
	# A crash can leave the file behind its record.
	cp old.pub L/vkey
	run -0 --separate-stderr ab-audit verify
	cp good/vkey L/vkey
	# A checkpoint that the new key alone has signed, with both still in use.
	grep -v "$(sed -n 5p L/checkpoint)" L/checkpoint >one
	cp one L/checkpoint
	rm -r L/.ab
	run -1 --separate-stderr ab-audit verify
	equals "$stderr" "ab-audit: $PWD/L: checkpoint: no signature by this key of example.org/ab"
}

# follow: a tail of all that comes, on descriptor 7.
follow() {
	mkfifo out
	ab-audit tail --follow "$@" >out 2>said 3>&- &
	tail=$!
	exec 7<out
}

# hold_still: stops the tail while it sleeps between two looks, not in the middle of one.
hold_still() {
	local state rest
	until [ "${state:-}" = T ] && grep -q "^$(cat asleep) " "/proc/$tail/syscall"; do
		kill -CONT "$tail"
		until grep -q nanosleep "/proc/$tail/wchan"; do is_alive "$tail"; done
		cut -d' ' -f1 "/proc/$tail/syscall" >asleep
		kill -STOP "$tail"
		until read -r _ _ state rest <"/proc/$tail/stat" && [[ $state = [TZ] ]]; do is_alive "$tail"; done
	done
}

# turn_into LOG: the files of L become those, before the tail looks again.
turn_into() {
	hold_still
	cp -r "$1/tile" "$1/checkpoint" "$1/vkey" L/
	cp "$1/.ab/wal" L/.ab/wal.new
	mv L/.ab/wal.new L/.ab/wal
	kill -CONT "$tail"
}

# ended STATUS TEXT: the tail ends so.
ended() {
	local status=0
	wait "$tail" || status=$?
	exec 7<&-
	rm out
	equals "$status" "$1"
	equals "$(cat said)" "$2"
}

# next KIND: the next record that it shows is of that kind.
next() {
	local line
	read -r -t 60 line <&7
	contains "$line" "\"record\":\"$1\""
}

@test "tail --follow goes on when the key is replaced, with whichever key it was told of" {
	local tail
	cp k.pub trusted
	echo 1 | ab-audit record >/dev/null
	follow --vkey trusted
	next event
	ab-audit rekey --next-key k2 >/dev/null
	ab-audit rekey --finish >/dev/null
	next rekeyed
	next key-ended
	echo 2 | ab-audit record >/dev/null
	next event
	ab-audit keygen --name example.org/ab --key k3 >/dev/null
	ab-audit rekey --next-key k3 >/dev/null
	next rekeyed
	ab-audit rekey --finish >/dev/null
	next key-ended
	echo 3 | ab-audit record >/dev/null
	next event
	kill "$tail"
	exec 7<&-
	equals "$(cat said)" ""
}

@test "tail --follow stops at a key that nobody has named" {
	local tail
	follow
	until grep -q nanosleep "/proc/$tail/wchan"; do :; done # it has seen that the log is empty
	# The log as somebody writes it on who holds its files and no key of it.
	ab-audit init --log other --key k2
	echo 1 | ab-audit record --log other --key k2 >/dev/null
	cat old.pub k2.pub >other/vkey
	turn_into other
	ended 1 "ab-audit: $PWD/L: checkpoint: no signature by this key of example.org/ab"
}

@test "tail --follow: a log that is rotated, rolled back, replaced or gone does not end in silence" {
	local tail
	ab-audit keygen --name example.org/next --key n >/dev/null
	echo 1 | ab-audit record >/dev/null
	follow
	next event
	echo 2 | ab-audit record >/dev/null
	next event
	ab-audit rotate --next-log N --next-key n
	next rotated
	ended 0 "ab-audit: $PWD/L: the log was rotated; go on with that of example.org/next"
	# So does one that begins at a log that is over.
	run -0 --separate-stderr ab-audit tail --follow -n 1
	contains "$output" '"record":"rotated"'
	equals "$stderr" "ab-audit: $PWD/L: the log was rotated; go on with that of example.org/next"
	AB_AUDIT_LOG=$PWD/N follow
	next continued
	mv N elsewhere
	cp -r elsewhere N
	ended 1 "ab-audit: $PWD/N: another directory stands there now"
}

@test "tail --follow of a log that is rolled back, or forked" {
	local tail
	echo 1 | ab-audit record >/dev/null
	cp -r L before
	for how in "rolled back: 1 records, 2 were there before" "forked: the first 2 records are not those of before"; do
		rm -r L
		cp -r before L
		echo 2 | ab-audit record >/dev/null
		cp -r before other
		case $how in forked*) printf '3\n4\n' | ab-audit record --log other --lines >/dev/null ;; esac
		follow
		next event
		next event
		turn_into other
		rm -r other
		ended 1 "ab-audit: $PWD/L: $how"
	done
}
