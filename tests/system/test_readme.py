"""The README's six lines of Python run as written."""
import re
import subprocess

from daemon import BUILD, ROOT, SANITIZER_OPTIONS, run_tool


def test_the_six_lines_print_an_array(start, demo):
    readme = (ROOT / "README.md").read_text()
    lines = re.search(r"```python\n(.*?)```", readme, re.S).group(1)
    assert len(lines.splitlines()) == 6
    daemon = start(demo.parent)
    # As written, but for the port, which may be taken here.
    assert lines.count('"127.0.0.1:50051"') == 1
    lines = lines.replace("127.0.0.1:50051", daemon.address)
    done = subprocess.run(["/usr/bin/python3", "-c", lines], capture_output=True, text=True,
                          env={"PYTHONPATH": str(BUILD / "proto" / "python")}, timeout=60)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"\[([^\[\]]+)\]", done.stdout)
    assert len(rows) >= 6, done.stdout  # numpy leaves some out when there are many
    assert all(re.search(r"-?\d", row) for row in rows)


def test_every_command_is_in_the_readme():
    done = run_tool("--help")
    commands = set(re.findall(r"^  mef3 (\w+)", done.stdout.decode(), re.M)) - {"help"}
    assert commands >= {"info", "cat", "demo"}
    readme = (ROOT / "README.md").read_text()
    assert {command for command in commands if f"mef3 {command} " not in readme} == set()
