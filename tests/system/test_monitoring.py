"""packaging/monitoring: what it asks of mef3d is what a mef3d tells. The rules are read by promtool, too,
where Prometheus is installed: its package would start a server on whoever's machine runs these tests."""
import json
import re
import shutil
import subprocess

import grpc
import pytest
import yaml

from client import Client
from daemon import Daemon, ROOT, free_port, is_listened_on, wait_until
from golden import GOLDEN, SESSIONS
from metrics import Metrics

FOLDER = ROOT / "packaging" / "monitoring"
RULES = yaml.safe_load((FOLDER / "mef3d.rules.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
TARGETS = [(panel["title"], target) for panel in PANELS for target in panel["targets"]]
# What Prometheus itself adds.
OWN_LABELS = {"job", "instance"}
OWN_METRICS = {"up"}
USE = re.compile(r"\b(mef3d_\w+|process_\w+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!=|=|!~)\s*"([^"]*)"')


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    port = free_port()
    daemon = Daemon(tmp_path_factory.mktemp("daemon"), GOLDEN, "--http", f"127.0.0.1:{port}")
    wait_until(lambda: is_listened_on(port), "the pages")
    with Client(daemon.address) as client:
        client.open(SESSIONS["one_channel"].path)
    found = Metrics(port).families
    daemon.stop()
    return found


def family_of(families, name):
    """Of a histogram's three names too."""
    for end in ("_bucket", "_sum", "_count", ""):
        family = families.get(name.removesuffix(end)) if name.endswith(end) else None
        if family and (not end or family.type == "histogram"):
            return family
    raise AssertionError(f"no metric {name}")


def values_of(family, label):
    if label == "status":
        return {code.name for code in grpc.StatusCode}
    return {value for _, labels in family.samples for key, value in labels if key == label}


def check(families, expression):
    labels = set(OWN_LABELS)
    uses = USE.findall(expression)
    assert uses, expression
    for name, matchers in uses:
        assert 'job=' in matchers, f"{name}: any job's: {expression}"
        if name in OWN_METRICS:
            continue
        family = family_of(families, name)
        known = family.label_names() | ({"le"} if name.endswith("_bucket") else set())
        labels |= known
        for label, how, value in MATCHER.findall(matchers):
            if label in OWN_LABELS:
                continue
            assert label in known, f"{name} has no label {label}"
            pattern = value if "~" in how else re.escape(value)
            alternatives = pattern.split("|")
            for alternative in alternatives:
                assert any(re.fullmatch(alternative, real) for real in values_of(family, label)), \
                    f"{name}: {label} is never {alternative}"
    for words in re.findall(r"\b(?:by|ignoring|on)\s*\(([^)]*)\)", expression):
        assert {word.strip() for word in words.split(",")} <= labels, expression
    return labels


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_asks_for_what_there_is_and_says_what_to_do(families, rule):
    labels = check(families, rule["expr"])
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert set(rule["annotations"]) == {"summary", "description"}
    words = " ".join(rule["annotations"].values())
    assert "$labels.instance" in rule["annotations"]["summary"]
    assert set(re.findall(r"\$labels\.(\w+)", words)) <= labels
    # What it points to is there.
    events = (ROOT / "docs" / "EVENTS.md").read_text()
    for event in re.findall(r"\b(?:worker|server)_\w+", words):
        assert f"`{event}`" in events, event
    settings = (ROOT / "docs" / "CONFIGURATION.md").read_text()
    for option in re.findall(r"--[a-z-]+", words):
        assert f"`{option} " in settings, option
    for name in re.findall(r"mef3d_\w+", words):
        family_of(families, name)
    for page in re.findall(r"docs/\w+\.md", words):
        assert (ROOT / page).is_file()


@pytest.mark.parametrize("title, target", TARGETS,
                         ids=[f"{title}-{target['refId']}" for title, target in TARGETS])
def test_a_panel_asks_for_what_there_is(families, title, target):
    labels = check(families, target["expr"])
    assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= labels
    assert target["datasource"]["uid"] == "${datasource}"


def test_the_dashboard_has_its_variables_and_no_panel_lies_on_another():
    variables = {row["name"]: row for row in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) - {"__rate_interval", "__all"}
    assert used == set(variables)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells


@pytest.mark.skipif(not shutil.which("promtool"), reason="Prometheus is not installed")
@pytest.mark.parametrize("words", [["check", "rules", "mef3d.rules.yml"],
                                   ["test", "rules", "mef3d.rules.test.yml"]], ids=["check", "test"])
def test_prometheus_reads_the_rules_and_each_alert_comes_when_it_should(words):
    done = subprocess.run(["promtool", *words], cwd=FOLDER, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tests_of_the_rules_know_every_alert():
    tests = (FOLDER / "mef3d.rules.test.yml").read_text()
    assert {rule["alert"] for rule in RULES} == set(re.findall(r'alertname="(\w+)"', tests))
