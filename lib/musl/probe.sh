#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# probe.sh CC MUSL_CC DIR: whether MUSL_CC makes static programs with musl for the machine that CC makes them for, and
# libjansson.a goes into them. Prints the lines of a makefile: MUSL_THERE = yes, and where musl's start files are; or
# why not. DIR becomes the directory of headers that are not musl's: the kernel's and jansson's, as links.
set -u
cc=$1 musl=$2 dir=$3
no() { echo "MUSL_WHY_NOT = $*"; exit 0; }
$musl --version >/dev/null 2>&1 || no "there is no $musl"
for_what=$($cc -dumpmachine) for_musl=$($musl -dumpmachine)
[ "$for_what" = "$for_musl" ] || no "$cc makes programs for $for_what, $musl for $for_musl"
crt=$($musl -static -### -x c /dev/null 2>&1 | tr ' "' '\n\n' | grep '/crti\.o$')
crt=${crt%/crti.o}
[ -e "$crt/rcrt1.o" ] || no "$musl has no rcrt1.o"
grep -q __libc_realloc "$crt/libc.a" || no "$musl's musl is older than 1.2.2"
archive=$($cc -print-file-name=libjansson.a)
[ -e "$archive" ] || no "there is no libjansson.a"

# The path that a header has where CC finds it.
path_of() {
	$cc ${CPPFLAGS-} -M -x c -include "$1" /dev/null 2>/dev/null | tr -d '\\' | tr ' ' '\n' | grep -m1 "/$1\$"
}
rm -rf "$dir" && mkdir -p "$dir" || exit
for h in linux/version.h asm/unistd.h asm-generic/unistd.h jansson.h jansson_config.h; do
	path=$(path_of $h) || no "there is no <$h>"
	case $h in */*) path=${path%/*} ;; esac
	ln -s "$(realpath "$path")" "$dir/${h%%/*}"
done

# A program that finds its way by jansson's hash table, as a process of its own.
cat >"$dir/probe.c" <<'END'
#include <linux/mount.h>
#include <jansson.h>
#include <stdlib.h>
#ifdef __GLIBC__
#error "not musl"
#endif
int main(void)
{
	json_t *value = json_pack("{s:s, s:[i, f]}", "a", "b", "c", 1, 0.5);

	qsort_r(NULL, 0, 1, NULL, NULL); /* musl 1.2.3 */
	return json_integer_value(json_array_get(json_object_get(value, "c"), 0)) == 1 ? 0 : 1;
}
END
$musl -std=gnu11 -D_GNU_SOURCE -fPIE -isystem "$dir" -static -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text \
	-o "$dir/probe" "$crt/rcrt1.o" "$crt/crti.o" "$dir/probe.c" "$(dirname "$0")/checked.c" "$archive" "$crt/crtn.o" \
	>"$dir/probe.log" 2>&1 || no "$musl does not link libjansson.a (see $dir/probe.log)"
"$dir/probe" || no "what $musl makes does not run"
printf 'MUSL_THERE = yes\nMUSL_CRT = %s\nMUSL_JANSSON = %s\n' "$crt" "$archive"
