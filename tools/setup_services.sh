#!/usr/bin/env bash
# Installs the real servers that tests/services talks to, each of one pinned version, into
# .cache/services; what is there already is left alone. tools/setup.sh --test calls it.
#
#   tools/setup_services.sh           all of them
#   tools/setup_services.sh NAME...   only these, such as toxiproxy
#
# Go's and Java's builders have to be there: what they would make is left out without them, and the
# tests that need it are skipped (in CI they fail).
set -euo pipefail
cd "$(dirname "$0")/.."
services=$PWD/.cache/services
mkdir -p "$services/bin" "$services/jars"

# A folder or file that says which version it is of.
has() {
  command -v "$1" >/dev/null || { echo "setup: there is no $1, so $2 is left out" >&2; return 1; }
}
only=$*
# Or nobody asked for it.
is_there() {
  [[ " ${only:-$1} " != *" $1 "* ]] || [ "$(cat "$services/$1.version" 2>/dev/null)" = "$2" ]
}
mark() { echo "$2" >"$services/$1.version"; }

datasette="datasette==0.65.5 datasette-auth-tokens==0.3"
if ! is_there datasette "$datasette"; then
  echo "setup: installing $datasette"
  python3 -m venv "$services/datasette"
  # shellcheck disable=SC2086  # two requirements
  PIP_CACHE_DIR="$PWD/.cache/pip" "$services/datasette/bin/python" -m pip install --quiet \
    --disable-pip-version-check --retries 5 $datasette setuptools==80.9.0
  mark datasette "$datasette"
fi

node="json-server@0.17.4 oidc-provider@9.13.3"
if ! is_there node "$node" && has npm "json-server, oidc-provider"; then
  echo "setup: installing $node"
  # shellcheck disable=SC2086
  npm install --prefix "$services/node" --cache "$PWD/.cache/npm-cache" --no-audit --no-fund \
    --ignore-scripts --loglevel error $node >/dev/null
  mark node "$node"
fi

httpbin=v2.26.0
if ! is_there go-httpbin "$httpbin" && has go go-httpbin; then
  echo "setup: installing go-httpbin $httpbin"
  GOBIN="$services/bin" go install -ldflags='-s -w' \
    "github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin@$httpbin"
  mark go-httpbin "$httpbin"
fi

toxiproxy=v2.5.0
if ! is_there toxiproxy "$toxiproxy" && has go toxiproxy; then
  echo "setup: installing toxiproxy $toxiproxy"
  GOBIN="$services/toxiproxy" go install -ldflags='-s -w' \
    "github.com/Shopify/toxiproxy/v2/cmd/server@$toxiproxy"
  mv "$services/toxiproxy/server" "$services/bin/toxiproxy" && rmdir "$services/toxiproxy"
  mark toxiproxy "$toxiproxy"
fi

wiremock=3.13.2
if ! is_there wiremock "$wiremock" && has mvn wiremock; then
  echo "setup: installing wiremock $wiremock"
  mvn -q -B -ntp -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
    -Dartifact="org.wiremock:wiremock-standalone:$wiremock" -DoutputDirectory="$services/jars" \
    -Dmdep.stripVersion=true
  mark wiremock "$wiremock"
fi
