#!/usr/bin/env bash
# Installs what is missing, and nothing else:
#
#   tools/setup.sh          what the build and the demo need
#   tools/setup.sh --test   and what the tests, the docs and the formatter need
#   tools/setup.sh --bench  and what the benchmarks need
#
# There is no stamp to go stale: each run asks the machine what is there, which takes less than a second.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(make g++ cmake ninja-build ccache python3 python3-dev python3-venv
  libbrotli-dev libbz2-dev libcli11-dev libcurl4-openssl-dev libexpected-dev libfast-float-dev libfmt-dev libhwy-dev libisal-dev
  liblz4-dev liblzma-dev libxxhash-dev libzstd-dev nlohmann-json3-dev tzdata)
requirements=(tools/requirements.txt)
case "${1-}" in
  "") ;;
  --test)
    packages+=(libbenchmark-dev libgmock-dev libgtest-dev doxygen git clang-19 libclang-rt-19-dev clang-format-19
      clang-tidy-19 llvm-19 nginx-light libnginx-mod-http-brotli-filter libnginx-mod-http-echo openssl)
    requirements+=(tools/requirements-dev.txt)
    ;;
  --bench)
    packages+=(gzip libbenchmark-dev linux-perf nginx-light)
    requirements+=(tools/requirements-dev.txt tools/requirements-bench.txt)
    ;;
  *)
    echo "usage: tools/setup.sh [--test | --bench]" >&2
    exit 2
    ;;
esac

missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
  for package in "${packages[@]}"; do
    grep -qx "installed $package" <<<"$installed" || echo "$package"
  done
}

# A fresh machine often has no package lists or old ones, and mirrors fail in passing.
apt_install() {
  local install=(apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@")
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      echo "setup: packages are missing, and installing them takes root. Run:" >&2
      echo "  apt-get update && apt-get install -y --no-install-recommends $*" >&2
      return 1
    fi
    as_root=(sudo "${as_root[@]}")
  fi
  for pause in 0 5 20; do
    sleep "$pause"
    if "${as_root[@]}" apt-get update -q && "${as_root[@]}" "${install[@]}"; then
      return 0
    fi
  done
  echo "setup: apt-get failed three times" >&2
  return 1
}

# Do the environment's packages have the very versions that the lists pin?
pins_are_met() {
  .venv/bin/python - "${requirements[@]}" 2>/dev/null <<'PYTHON'
import sys
from importlib import metadata
for path in sys.argv[1:]:
    for line in open(path, encoding="utf-8"):
        name, pinned, version = line.strip().partition("==")
        if pinned and metadata.version(name) != version:
            sys.exit(1)
PYTHON
}

if command -v dpkg-query >/dev/null; then
  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" -gt 0 ]; then
    echo "setup: installing ${missing[*]}"
    apt_install "${missing[@]}"
  fi
else
  echo "setup: not a Debian system; see to it that these are there: ${packages[*]}" >&2
fi

if ! pins_are_met; then
  echo "setup: installing ${requirements[*]} into .venv"
  .venv/bin/python -m pip --version >/dev/null 2>&1 || python3 -m venv --clear .venv
  PIP_CACHE_DIR="$PWD/.cache/pip" .venv/bin/python -m pip install --quiet --disable-pip-version-check \
    --retries 5 "${requirements[@]/#/--requirement=}"
fi

# simdjson, as a Python package carries it: cmake/PolarwaySimdjson.cmake says why not the system's.
simdjson_package=pysimdjson-7.0.2
simdjson_sha256=44cf276e48912a3b9c7ca362c14da8420a7ac15a9f1a16ec95becff86db3904a
if [ ! -e .cache/simdjson/simdjson.cpp ] || [ ! -e .cache/simdjson/simdjson.h ]; then
  echo "setup: fetching simdjson out of $simdjson_package"
  mkdir -p .cache/simdjson
  PIP_CACHE_DIR="$PWD/.cache/pip" .venv/bin/python -m pip download --quiet --disable-pip-version-check \
    --retries 5 --no-deps --no-binary "${simdjson_package%-*}" --dest .cache/simdjson "${simdjson_package/-/==}"
  echo "$simdjson_sha256  .cache/simdjson/$simdjson_package.tar.gz" | sha256sum --check --quiet
  tar -xzf ".cache/simdjson/$simdjson_package.tar.gz" -C .cache/simdjson --strip-components=2 \
    "$simdjson_package/simdjson/simdjson.cpp" "$simdjson_package/simdjson/simdjson.h"
fi

# Real files for the tests: what npm calls vega-datasets. npm checks what it downloads.
vega_datasets=3.2.1
if [ "${1-}" = --test ] &&
  ! grep -qs "\"version\": \"$vega_datasets\"" .cache/npm/node_modules/vega-datasets/package.json; then
  command -v npm >/dev/null || apt_install npm
  echo "setup: fetching vega-datasets $vega_datasets"
  npm install --prefix .cache/npm --cache .cache/npm/cache --no-audit --no-fund --ignore-scripts --loglevel error \
    "vega-datasets@$vega_datasets" >/dev/null
fi

# Real servers for the tests of HTTP; the benchmarks need one of them.
if [ "${1-}" = --test ]; then
  tools/setup_services.sh
elif [ "${1-}" = --bench ]; then
  tools/setup_services.sh toxiproxy
fi
