#!/bin/sh
# Looks for Python @PYTHON@ and hands over to start.py, which needs no network and no rights.
here=$(dirname -- "$0")
wanted="import ensurepip, sys, sysconfig, venv
sys.exit((sys.version_info[:2], sysconfig.get_platform()) != ((@MAJOR@, @MINOR@), '@OWN_NAME@'))"
for python in "$here/python/bin/python3" python@PYTHON@ python3 python; do
    if "$python" -c "$wanted" >/dev/null 2>&1; then
        exec "$python" "$here/start.py" "$@"
    fi
done
cat "$here/no-python.txt" >&2
exit 1
