# Shared by the scripts of this folder: where the tree is, how to speak, how many jobs. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DEBIAN_FRONTEND=noninteractive

say() { printf '== %s\n' "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

jobs_wanted() {
  local jobs=${THREADGROUP_JOBS:-}
  if [[ -z $jobs ]]; then
    jobs=$(nproc 2>/dev/null || echo 1)
  elif [[ ! $jobs =~ ^[1-9][0-9]*$ ]]; then
    die "THREADGROUP_JOBS is '$jobs', which is not a positive number"
  fi
  printf '%s\n' "$jobs"
}

# Runs a command as root; dies where that is not possible. `-n`: never asks for a password.
as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
    sudo --preserve-env=DEBIAN_FRONTEND "$@"
  else
    die "cannot run '$1' as root: not root, and sudo is not here or wants a password"
  fi
}
