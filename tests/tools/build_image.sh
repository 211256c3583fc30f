#!/bin/sh
# Build the Dockerfile where no image can be pulled, then run COMMAND in it (make unit, if none is named):
#     sudo sh tests/tools/build_image.sh FOLDER [COMMAND ...]
# Debian's own Python 3.11 in a fresh root, made by debootstrap, stands in for the image that the Dockerfile builds on;
# all of its steps are run by buildah, without an engine. FOLDER keeps both for the next run: delete it to start anew.
# ARCH=arm64 builds for aarch64, slowly, with the Debian package qemu-user-static.
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
shift
cd "$(dirname "$0")/../.."
arch=${ARCH:-$(dpkg --print-architecture)}
base=$(sed -n 's/^FROM \(.*\) AS system$/\1/p' Dockerfile)
image=d2lcnn-$arch
export BUILDAH_ISOLATION=chroot
buildah() { command buildah --root "$folder/store" --runroot "$folder/run" "$@"; }
timed() {
    start=$(date +%s)
    "$@"
    echo "build_image: $(($(date +%s) - start)) s: $1 $2" >&2
}

if ! [ -e "$folder/$arch.tar" ]; then
    timed debootstrap --arch="$arch" --variant=minbase --include=python3,python3-venv,ca-certificates \
        bookworm "$folder/$arch"
    cp /etc/ssl/certs/ca-certificates.crt "$folder/$arch/etc/ssl/certs/"  # this machine's, which a proxy may have signed
    tar -C "$folder/$arch" --exclude=./dev/* -cf "$folder/$arch.tar" .
fi
container=$(buildah from scratch)
buildah add -q "$container" "$folder/$arch.tar" / > /dev/null
buildah config --arch "$arch" --env PIP_CERT=/etc/ssl/certs/ca-certificates.crt "$container"
buildah commit -q --rm "$container" "$base" > /dev/null
timed buildah build -q --layers --pull-never --arch "$arch" -t "$image" .
buildah images
container=$(buildah from --pull-never "$image")
[ $# -gt 0 ] || set -- make unit
timed buildah run "$container" -- "$@"
buildah rm "$container" > /dev/null
