"""docs/METRICS.md says what daemon/http/metrics.def says."""
import subprocess

from conftest import ROOT


def test_the_table_of_metrics_is_up_to_date():
    done = subprocess.run([ROOT / "tools" / "metrics-table", "--check"], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
