"""web/openapi.json against the server: what it says is there, and is as it says."""
import json
import re

import jsonschema
import pytest

from api import ask
from daemon import ROOT, Daemon, free_port
from golden import GOLDEN

DOCUMENT = json.loads((ROOT / "web" / "openapi.json").read_text())
OPERATIONS = {path: methods["get"] for path, methods in DOCUMENT["paths"].items()}


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    http = free_port()
    daemon = Daemon(tmp_path_factory.mktemp("openapi"), GOLDEN, "--http", f"127.0.0.1:{http}")
    yield http
    daemon.stop()


def schema_of(part):
    """A schema of the document, with what it points to."""
    return {**part, "components": DOCUMENT["components"], "$schema": "https://json-schema.org/draft/2020-12/schema"}


def strict(schema):
    """The same, with every object closed: an answer has nothing that the document does not name."""
    if isinstance(schema, dict):
        closed = {key: strict(value) for key, value in schema.items()}
        if schema.get("type") == "object" and "properties" in schema:
            closed.setdefault("additionalProperties", False)
        return closed
    return [strict(item) for item in schema] if isinstance(schema, list) else schema


def check(value, schema):
    jsonschema.Draft202012Validator(strict(schema_of(schema))).validate(value)


def test_paths_are_those_that_the_server_answers():
    routes = set(re.findall(r'^    \{"(/[^"]*)", \w+, \w+\},$', (ROOT / "daemon/http/routes.c").read_text(), re.M))
    assert routes | {"/api/v1/openapi.json"} == set(OPERATIONS)


def test_the_document_is_one_of_openapi():
    assert DOCUMENT["openapi"].startswith("3.1.") and set(DOCUMENT) <= {"openapi", "info", "paths", "components"}
    assert {"title", "version"} <= set(DOCUMENT["info"])
    assert all(set(methods) == {"get"} for methods in DOCUMENT["paths"].values())
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema_of(schema))
    for path, operation in OPERATIONS.items():
        assert operation["summary"] and "200" in operation["responses"], path
        for parameter in operation["parameters"]:
            assert parameter["in"] in ("query", "header") and parameter["description"]
            jsonschema.Draft202012Validator.check_schema(schema_of(parameter["schema"]))
            if "example" in parameter:
                check(parameter["example"], parameter["schema"])
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[2-5]\d\d", status) and response["description"], (path, status)
            for kind, content in response.get("content", {}).items():
                jsonschema.Draft202012Validator.check_schema(schema_of(content["schema"]))
                assert kind == "application/problem+json" or status < "400" or path == "/readyz"


def test_every_reference_leads_somewhere():
    for target in re.findall(r'"\$ref": "([^"]*)"', json.dumps(DOCUMENT)):
        part = DOCUMENT
        for name in target.removeprefix("#/").split("/"):
            part = part[name]


def examples(operation):
    return {p["name"]: p["example"] for p in operation["parameters"]
            if p["in"] == "query" and "example" in p}




def required(operation):
    return {p["name"] for p in operation["parameters"] if p["required"]}


@pytest.mark.parametrize("path", [path for path in OPERATIONS if path.startswith("/api/v1/")])
def test_every_example_is_answered_as_the_document_says(port, path):
    operation = OPERATIONS[path]
    query = examples(operation)
    assert required(operation) <= set(query), "what is needed has an example"
    few = {name: query[name] for name in required(operation)}
    for asked in (query, few):
        answer = ask(port, path.removeprefix("/api/v1/"), **asked)
        assert answer.status == 200, answer.body
        content = operation["responses"]["200"]["content"]
        kind = answer.headers["Content-Type"].split(";")[0]
        assert kind in content
        assert ("ETag" in operation["responses"]["200"].get("headers", {})) <= ("ETag" in answer.headers)
        if kind == "application/json":
            check(answer.json, content[kind]["schema"])


@pytest.mark.parametrize("path", [path for path in OPERATIONS if path.startswith("/api/v1/")])
def test_what_is_needed_is_needed_and_nothing_else_is_taken(port, path):
    operation, resource = OPERATIONS[path], path.removeprefix("/api/v1/")
    query = examples(operation)
    for name in required(operation):
        answer = ask(port, resource, **{k: v for k, v in query.items() if k != name})
        assert answer.status == 400, name
        check(answer.json, DOCUMENT["components"]["schemas"]["Problem"])
    if operation["parameters"] and "400" in operation["responses"]:
        assert ask(port, resource, **query, none="1").status == 400
    for parameter in operation["parameters"]:
        schema = parameter["schema"]
        if parameter["in"] == "query" and "enum" in schema:
            for value in schema["enum"]:
                assert ask(port, resource, **{**query, parameter["name"]: value}).status == 200


def test_statuses_of_problems_are_in_the_document(port):
    rows = [("metadata", {"recording": "encrypted.mefd"}, "403"),
            ("metadata", {"recording": "none.mefd"}, "404"),
            ("metadata", {}, "400"),
            ("samples", {"recording": "mixed_rates.mefd", "from": 1600000007000000, "to": 1600000008000000}, "422")]
    for resource, query, status in rows:
        answer = ask(port, resource, **query)
        assert str(answer.status) == status
        assert status in OPERATIONS["/api/v1/" + resource]["responses"]
        check(answer.json, DOCUMENT["components"]["schemas"]["Problem"])
