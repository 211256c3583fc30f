#!/bin/sh
# Run the tests in a browser on a machine of Debian's family, with its Chromium; none of them may be left out.
set -eu
cd "$(dirname "$0")/../.."
command -v chromium > /dev/null || { apt-get update -q && apt-get install -q -y --no-install-recommends chromium; }
make .venv-book/ready browser
