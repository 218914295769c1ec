#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dist.sh VERSION DIR: writes DIR/agentbox-VERSION.tar.xz from what is committed: the same bytes for the same commit,
# whoever makes it, whenever and wherever.
set -eu
version=$1 dir=$2
cd "$(dirname "$0")/../.."
git rev-parse -q --verify HEAD >/dev/null || { echo "dist.sh: a release is made from a git repository" >&2; exit 2; }
command -v xz >/dev/null || tests/deps.sh dist
name=agentbox-$version
mkdir -p "$dir"
# Neither the user's git configuration nor the number of processors has a say.
git -c tar.umask=0022 -c core.autocrlf=false archive --format=tar --prefix="$name/" HEAD >"$dir/$name.tar"
xz -6 -T1 -c "$dir/$name.tar" >"$dir/$name.tar.xz.new"
rm "$dir/$name.tar"
mv "$dir/$name.tar.xz.new" "$dir/$name.tar.xz"
(cd "$dir" && sha256sum "$name.tar.xz")
