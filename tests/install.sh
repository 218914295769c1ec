#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# install.sh install|uninstall BUILD ROOT: puts binaries, manuals, completions, schemas and share below
# ROOT (DESTDIR and PREFIX), or takes exactly these away again.
set -eu
cd "$(dirname "$0")/.."
verb=$1 build=$2 root=$3

# Each line: MODE SOURCE TARGET, the target relative to ROOT.
files() {
	for t in "$build"/bin/ab-*; do echo "0755 $t bin/$(basename "$t")"; done
	for m in man/*.[1-8]; do echo "0644 $m share/man/man${m##*.}/$(basename "$m")"; done
	for c in completions/bash/*; do echo "0644 $c share/bash-completion/completions/$(basename "$c")"; done
	for c in completions/zsh/*; do echo "0644 $c share/zsh/site-functions/$(basename "$c")"; done
	for c in completions/fish/*; do echo "0644 $c share/fish/vendor_completions.d/$(basename "$c")"; done
	for s in schemas/*; do echo "0644 $s share/agentbox/schemas/$(basename "$s")"; done
	find share/policies share/workflows share/apparmor -type f 2>/dev/null | sort | while read -r f; do
		mode=0644; [ ! -x "$f" ] || mode=0755
		echo "$mode $f share/agentbox/${f#share/}"
	done
	echo "0644 README.md share/doc/agentbox/README.md"
	for d in share/doc/*; do echo "0644 $d share/doc/agentbox/$(basename "$d")"; done
}

files | while read -r mode source target; do
	[ -e "$source" ] || continue
	case $verb in
	install) install -D -m "$mode" "$source" "$root/$target" ;;
	uninstall) rm -f "$root/$target" ;;
	esac
done
if [ "$verb" = uninstall ]; then
	for d in share/agentbox share/doc/agentbox; do
		[ ! -d "$root/$d" ] || find "$root/$d" -depth -type d -empty -delete
	done
fi
