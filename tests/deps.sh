#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# deps.sh demo|check|dist [FLAGS.MK]: installs the Debian packages that the build and the demo (all tests, a tarball) need,
# with sudo when not root; nothing when all is there. What was found out of the compilers before is forgotten then.
set -eu
demo="gcc libc6-dev libjansson-dev libyaml-dev libpcre2-dev libsodium-dev libseccomp-dev libzstd-dev musl-tools python3-minimal libpython3-stdlib"
check="$demo bats mandoc strace shellcheck jq procps zstd openssl xz-utils"
dist="git xz-utils"
case ${1-} in demo) want=$demo ;; check) want=$check ;; dist) want=$dist ;; *) echo "usage: deps.sh demo|check|dist [FLAGS.MK]" >&2; exit 2 ;; esac
command -v dpkg-query >/dev/null || { echo "deps.sh: not a Debian system; needed: $want" >&2; exit 3; }
missing=
for p in $want; do
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "installing:$missing" >&2
if [ "$(id -u)" = 0 ]; then as=; else as=sudo; fi
# A package list may be old or absent: one update, then the packages.
$as apt-get -qq update
# shellcheck disable=SC2086  # a list of packages
$as env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >/dev/null
[ -z "${2-}" ] || rm -f "$2"
