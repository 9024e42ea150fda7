"""docs/openapi.yaml is what the code says, and valid OpenAPI 3.1."""

from __future__ import annotations

import pytest

from .document import FILE, document, generated

pytest.importorskip("drf_spectacular", reason="the extra [openapi] is not installed")
from jsonschema import Draft202012Validator

from sessions_hub.api.filters import KEYS, SELECTING, session_filters
from sessions_hub.api.parameters import PAGES


def operations():
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            yield pytest.param(operation, id=f"{method} {path}")


EACH = pytest.mark.parametrize("operation", list(operations()))


def test_the_file_is_current():
    """Make it anew with the command that docs/api.md names."""
    assert generated() == FILE.read_text()


def test_it_is_the_same_in_any_language_and_time_zone():
    assert generated("--lang", "de", TZ="Asia/Tokyo") == FILE.read_text()


def test_it_is_valid():
    validator = pytest.importorskip("openapi_spec_validator")
    validator.validate(document(), cls=validator.OpenAPIV31SpecValidator)


def test_it_says_which_version_it_is():
    assert document()["openapi"].startswith("3.1")


@EACH
def test_every_operation_is_described(operation):
    assert operation["operationId"].startswith("hub_")
    assert operation["summary"]
    assert operation["description"]
    assert len(operation["tags"]) == 1
    assert all(resolved(one)["description"] for one in operation.get("parameters", ()))


def resolved(node):
    while "$ref" in node:
        found = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


@EACH
def test_every_answer_is_declared_by_its_status(operation):
    assert "default" not in operation["responses"]
    for status, response in operation["responses"].items():
        assert status.isdigit()
        content = resolved(response).get("content", {})
        if status >= "400":
            assert set(content) <= {"application/problem+json", "text/plain"}
            assert "application/problem+json" in content


@EACH
def test_every_problem_has_its_codes(operation):
    for status, response in operation["responses"].items():
        if status < "400":
            continue
        content = resolved(response)["content"]["application/problem+json"]
        kinds = content["schema"].get("oneOf", [content["schema"]])
        told = [kind["allOf"][1]["properties"] for kind in kinds]
        assert {code for one in told for code in one["code"]["enum"]} == set(content["examples"])
        assert all(one["status"]["enum"] == [int(status)] for one in told)


def examples():
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
            for name, body in bodies.items():
                for content in resolved(body).get("content", {}).values():
                    for example in content.get("examples", {}).values():
                        value = resolved(example)["value"]
                        yield pytest.param(content["schema"], value, id=f"{method} {path} {name}")


@pytest.mark.parametrize(("schema", "value"), list(examples()))
def test_every_example_fits_its_schema(schema, value):
    whole = {**schema, "components": document()["components"]}
    errors = Draft202012Validator(whole).iter_errors(value)
    assert [error.message for error in errors] == []


def test_every_parameter_of_the_list_is_declared():
    operation = document()["paths"]["/api/sessions/"]["get"]
    named = {one["name"] for one in operation["parameters"] if "name" in one}
    assert named == {*session_filters(None), *PAGES, *SELECTING}


def test_a_session_has_the_keys_that_can_be_asked_for():
    assert set(document()["components"]["schemas"]["HubSession"]["properties"]) == KEYS
