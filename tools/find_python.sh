#!/bin/sh
# Print the newest Python from 3.11 on that really runs here and can make a virtual environment.
# A name on the PATH proves nothing: version switchers leave shims for versions that are not there.
for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
  if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2])' >/dev/null 2>&1; then
    command -v "$name"
    exit 0
  fi
done
echo "No Python 3.11 or newer with venv was found. Install one (Debian: apt-get install python3-venv), or name it: make PYTHON=/path/to/python3.12" >&2
exit 1
