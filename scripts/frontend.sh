#!/bin/sh
# Checks the front end: types, lints, unit tests, the committed build, sizes, the package, and the demo in a
# real browser against the server. Wants Node 20.19 or newer; without it, nothing is checked.
#
#   scripts/frontend.sh            everything
#   scripts/frontend.sh quick      without the browser
set -eu
cd "$(dirname "$0")/../frontend"

step() {
    echo "frontend: $1" >&2
}
may_install() {
    command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]
}
has_node() {
    command -v npm >/dev/null 2>&1 &&
        node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

if ! has_node && may_install; then
    step "installing Node"
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
fi
if ! has_node; then
    echo "frontend: NOT CHECKED: that takes Node 20.19 or newer, with npm" >&2
    exit 0
fi
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 CI=1

# What the lockfile says is what is there, or is put there.
stamp=node_modules/.lock-of-this-install
if ! cmp -s package-lock.json "$stamp"; then
    step "installing the tools"
    npm ci --no-audit --no-fund
    cp package-lock.json "$stamp"
fi

step "types and lints"
npm run --silent typecheck
npm run --silent lint
step "unit tests"
npm run --silent test:unit
step "the committed build"
npm run --silent build -- --logLevel warn
if [ -d ../.git ] || [ -f ../.git ]; then
    git diff --exit-code --stat -- dist
    if [ -n "$(git ls-files --others --exclude-standard -- dist)" ]; then
        echo "frontend: dist/ has files that are not committed" >&2
        exit 1
    fi
fi
step "package and sizes"
npm run --silent build:lib -- --logLevel warn
npm run --silent size
npm run --silent check:pack

if [ "${1:-}" = quick ]; then
    exit 0
fi

chromium=${CHROMIUM:-/usr/bin/chromium}
if ! [ -x "$chromium" ]; then
    if may_install; then
        step "installing Chromium"
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends chromium fonts-noto-color-emoji fonts-dejavu-core >/dev/null
    else
        echo "frontend: no Chromium at $chromium: install it, or name one with CHROMIUM" >&2
        exit 1
    fi
fi
step "in the browser"
npm run --silent build:react18
(cd .. && ${CARGO:-cargo} build --locked --quiet -p vikrahub-messaging)
npm run --silent test:e2e
