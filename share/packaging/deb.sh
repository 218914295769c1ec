#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# deb.sh VERSION DIR: builds the Debian package from the tarball DIR/agentbox-VERSION.tar.xz in DIR, and asks lintian.
set -eu
version=$1 dir=$2
if [ "$(id -u)" = 0 ]; then as=; else as=sudo; fi
need=
for p in build-essential dpkg-dev debhelper fakeroot lintian; do
	[ "$(dpkg-query -W -f='${db:Status-Status}' $p 2>/dev/null)" = installed ] || need="$need $p"
done
# shellcheck disable=SC2086  # a list of packages
[ -z "$need" ] || { $as apt-get -qq update; $as env DEBIAN_FRONTEND=noninteractive \
	apt-get -qq -y --no-install-recommends install $need >/dev/null; }
"$(dirname "$0")/../../tests/deps.sh" check
cd "$dir"
cp "agentbox-$version.tar.xz" "agentbox_$version.orig.tar.xz"
rm -rf "agentbox-$version"
tar -xf "agentbox_$version.orig.tar.xz"
cp -r "agentbox-$version/share/packaging/debian" "agentbox-$version/debian"
(cd "agentbox-$version" && dpkg-buildpackage -us -uc -F)
# pedantic and informational tags are read too: what is left is overridden by name, with its reason
lintian --fail-on error,warning --display-info "agentbox_${version}-1_$(dpkg --print-architecture).changes"
ls -l -- *.deb
