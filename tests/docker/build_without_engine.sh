#!/usr/bin/env bash
# Builds the image and runs it as a user that it does not know, with neither a Docker engine
# nor an image registry: the base image is a fresh Debian. For root on a Debian machine:
#
#     tests/docker/build_without_engine.sh [command of dlcli, in place of the image's own]
#
# SUITE=trixie    Debian release of the base image (trixie has Python 3.13, bookworm 3.11)
# TARGET=cpu      target of the Dockerfile
# MIRROR=         where debootstrap gets Debian from, when not its default
# PIP_*           pip's settings hold inside the build as well, and local files and folders
#                 that they name are mounted there; the image keeps neither
set -euo pipefail
cd "$(dirname "$0")/../.."

suite=${SUITE:-trixie}
target=${TARGET:-cpu}
user=12345

[ "$(id -u)" = 0 ] || { echo "Run this as root." >&2; exit 1; }
if ! command -v buildah >/dev/null || ! command -v debootstrap >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends buildah debootstrap >/dev/null
fi

work=$(mktemp -d)
trap 'buildah rm --all >/dev/null; rm -rf --one-file-system "$work"' EXIT
# vfs and chroot work wherever root can change its root folder, in a container too.
export BUILDAH_ISOLATION=chroot
buildah() { command buildah --root "$work/storage" --runroot "$work/state" --storage-driver vfs "$@"; }
step() { echo; echo "== $1 (at $SECONDS s)"; }

step "Debian $suite as the base image"
container=$(buildah from scratch)
debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv \
  "$suite" "$(buildah mount "$container")" ${MIRROR:+"$MIRROR"} >"$work/debootstrap.log" ||
  { tail -n 20 "$work/debootstrap.log"; exit 1; }
buildah umount "$container" >/dev/null
buildah commit --quiet --rm "$container" "localhost/python-$suite" >/dev/null

step "build --target $target"
echo '[global]' >"$work/pip.conf"
volumes=(--volume "$work/pip.conf:/etc/pip.conf:ro")
for variable in ${!PIP_@}; do
  option=${variable#PIP_}
  option=${option,,}
  echo "${option//_/-} = ${!variable}" >>"$work/pip.conf"
  for value in ${!variable}; do
    path=${value#file://}
    if [[ $path = /* && -e $path ]]; then volumes+=(--volume "$path:$path:ro"); fi
  done
done
buildah bud --quiet --target "$target" --build-arg "PYTHON_IMAGE=localhost/python-$suite" \
  "${volumes[@]}" --tag "localhost/dlcli:$target" .

step "what the image holds"
container=$(buildah from "localhost/dlcli:$target")
buildah inspect --type image --format \
  'user {{.OCIv1.Config.User}}, entry point {{.OCIv1.Config.Entrypoint}}, command {{.OCIv1.Config.Cmd}}, stop signal {{.OCIv1.Config.StopSignal}}{{println}}' \
  "localhost/dlcli:$target"
root=$(buildah mount "$container")
echo "size $(du -sh "$root" | cut -f1)"
left=$(find "$root" -xdev \( -name .git -o -path "$root/build" -o -path "$root/tmp/*" -o -name 'pip*.conf' -size +0 \) -print)
[ -z "$left" ] || { echo "Left over in the image: $left" >&2; exit 1; }

mapfile -t command < <(buildah inspect --type image --format \
  '{{range .OCIv1.Config.Entrypoint}}{{println .}}{{end}}' "localhost/dlcli:$target" | grep .)
if [ $# -gt 0 ]; then
  command+=("$@")
else
  mapfile -t -O "${#command[@]}" command < <(buildah inspect --type image --format \
    '{{range .OCIv1.Config.Cmd}}{{println .}}{{end}}' "localhost/dlcli:$target" | grep .)
fi

step "${command[*]}, as user $user with nothing mounted"
buildah run --user "$user:$user" "$container" -- "${command[@]}"
ls -ln "$root/workspace"

step "${command[*]}, as user $user in a folder of its own"
mkdir "$work/folder"
chown "$user:$user" "$work/folder"
buildah run --user "$user:$user" --volume "$work/folder:/workspace" "$container" -- "${command[@]}"
others=$(find "$work/folder" ! -uid "$user" -print)
[ -z "$others" ] || { echo "Not owned by user $user: $others" >&2; exit 1; }

step "done"
