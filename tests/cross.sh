#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cross.sh BUILD: compiles every tool and unit test for arm64 with Debian's cross compiler, against arm64 libraries that
# are unpacked below BUILD/sysroot (the system's own package list stays as it is), and runs what qemu-user can run.
set -eu
cd "$(dirname "$0")/.."
build=$1 arch=arm64 triplet=aarch64-linux-gnu
sysroot=$PWD/$build/sysroot state=$PWD/$build/apt
libs="libjansson-dev libjansson4 libyaml-dev libyaml-0-2 libpcre2-dev libpcre2-8-0 libsodium-dev libsodium23 libzstd-dev libzstd1"

if [ "$(id -u)" = 0 ]; then as=; else as=sudo; fi
need=
for p in gcc-$triplet libc6-dev-$arch-cross qemu-user-static; do
	[ "$(dpkg-query -W -f='${db:Status-Status}' $p 2>/dev/null)" = installed ] || need="$need $p"
done
# shellcheck disable=SC2086  # a list of packages
[ -z "$need" ] || { $as apt-get -qq update; $as env DEBIAN_FRONTEND=noninteractive \
	apt-get -qq -y --no-install-recommends install $need >/dev/null; }

if [ ! -e "$sysroot/.ready" ]; then
	rm -rf "$sysroot" "$state"
	mkdir -p "$sysroot" "$state/lists/partial" "$state/archives/partial"
	touch "$state/status"
	options="-o APT::Architecture=$arch -o APT::Architectures=$arch -o Dir::State::Lists=$state/lists
		-o Dir::State::status=$state/status -o Dir::Cache=$state -o Dir::Cache::archives=$state/archives
		-o APT::Sandbox::User=root"
	# shellcheck disable=SC2086  # lists of options and packages
	(apt-get -qq $options update && cd "$state/archives" && apt-get -qq $options download $libs >/dev/null)
	for deb in "$state"/archives/*.deb; do dpkg-deb -x "$deb" "$sysroot"; done
	touch "$sysroot/.ready"
fi

cross() {
	make -j"$(nproc)" -s "$@" CC=$triplet-gcc HOSTCC="${HOSTCC:-gcc}" WERROR=-Werror BUILD="$build" \
		CPPFLAGS="-I$sysroot/usr/include -I$sysroot/usr/include/$triplet" \
		LDFLAGS="-L$sysroot/usr/lib/$triplet -Wl,-rpath-link,$sysroot/usr/lib/$triplet"
}
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64 || :)
export QEMU_LD_PREFIX=/usr/$triplet
cross tools ${qemu:+RUN="$qemu"}
cross units ${qemu:+RUN="$qemu"}
[ -n "$qemu" ] || { echo "no qemu-user: compiled only" >&2; exit 0; }
export LD_LIBRARY_PATH="$sysroot/usr/lib/$triplet"
# The plan of a jail is made from the programs of this system, which are for another machine; a change and a bundle's
# files are read by openat2(), which qemu-user does not know.
units=
for u in "$build"/unit/*_test; do
	case ${u##*/} in jail_plan_test | jail_change_test | bundle_contents_test) ;; *) units="$units $u" ;; esac
done
# shellcheck disable=SC2086  # a list of names
printf '%s\n' $units | xargs -P "$(nproc)" -I{} sh -c '"$0" "$1" >"$1.tap" 2>&1; echo "# exit $?" >>"$1.tap"' "$qemu" {}
failed=0 ran=0
for u in $units; do
	if [ "$(tail -n 1 "$u.tap")" = "# exit 0" ]; then ran=$((ran + 1)); else
		failed=$((failed + 1)); echo "failed: $u"; grep '^not ok' "$u.tap" || tail -n 3 "$u.tap"
	fi
done
echo "arm64: $ran unit tests passed, $failed failed"
[ "$failed" = 0 ]
