"""The recordings with one fault each of tests/golden/bad/faults.json."""
import json
import sys

import pytest

from golden import GOLDEN

sys.path.insert(0, str(GOLDEN))
import make_bad  # noqa: E402

FAULTS = json.loads(make_bad.TABLE.read_text())
make = make_bad.make


def each_fault(faults=FAULTS):
    return pytest.mark.parametrize("fault", faults, ids=[fault["name"] for fault in faults])
