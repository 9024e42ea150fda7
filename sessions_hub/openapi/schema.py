"""The operations of the document, built from what is declared and what the views say."""

from __future__ import annotations

from typing import Any

import uritemplate
from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry

from sessions_hub.api.base import HubView
from sessions_hub.conf import conf

from .declared import declared
from .expected import HELD, HELD_RESPONSE, problems_of
from .hints import Components, Schema
from .operation import JSON, Answer, Body, Operation, Parameter
from .parameters import ACCEPT_LANGUAGE, FILTERS, IDS, device_header
from .problems import problem_response


class HubSchema(AutoSchema):
    """The schema of one view of the hub."""

    @property
    def scopes(self) -> frozenset[str] | None:
        """What a token needs for this operation; None where no token opens it."""
        wanted = getattr(self.view, "required_scopes", None)
        if isinstance(wanted, dict):
            wanted = wanted.get(getattr(self.view, "action", ""))
        return None if wanted is None else frozenset(str(scope) for scope in wanted)

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> Schema | None:
        self.path, self.path_regex, self.path_prefix = path, path_regex, path_prefix
        self.method, self.registry = method.upper(), registry
        self.components = Components(self)
        operation = declared(self.view, self.method)
        if operation is None:
            warn(f"{type(self.view).__name__} has an operation that is not declared: {path}")
            return None
        schema: Schema = {
            "operationId": operation.id,
            "summary": operation.summary,
            "description": self._description(operation),
            "tags": [operation.tag],
        }
        if parameters := self._parameters(operation):
            schema["parameters"] = parameters
        if operation.body is not None:
            schema["requestBody"] = self._body(operation.body)
        schema["security"] = self._security(operation)
        schema["responses"] = self._responses(operation)
        return schema

    def _description(self, operation: Operation) -> str:
        told = [operation.description]
        if self.scopes:
            named = ", ".join(f"`{scope}`" for scope in sorted(self.scopes))
            told.append(f"A token needs the scope {named}.")
        elif self.scopes is not None and isinstance(self.view, HubView):
            told.append("Any token may call it.")
        permission = getattr(self.view, "required_permissions", {}).get(
            getattr(self.view, "action", None)
        )
        if permission:
            told.append(f"For staff with the permission `sessions_hub.{permission}`.")
        return "\n\n".join(told)

    def _security(self, operation: Operation) -> list[Schema]:
        schemes: list[Schema] = []
        for one in self.get_auth():
            if one and (self.scopes is not None or "hubToken" not in one):
                schemes.append(one)
        return [*schemes, {}] if operation.anybody else schemes

    def _parameters(self, operation: Operation) -> list[Schema]:
        schemas = [self._path_parameter(name) for name in uritemplate.variables(self.path)]
        if operation.inputs is not None:
            schemas += self._inputs(operation.inputs)
        schemas += [self._parameter(one) for one in operation.parameters]
        if operation.names_device and (name := conf.SESSIONS_HUB_DEVICE_HEADER):
            schemas.append(self._parameter(device_header(name)))
        if isinstance(self.view, HubView):
            name = "HubAcceptLanguage"
            shared = self.components.ref(name, name, lambda: ACCEPT_LANGUAGE, "parameters")
            schemas.append(shared)
        return schemas

    def _path_parameter(self, name: str) -> Schema:
        told = {"name": name, "in": "path", "required": True}
        for place, kind in IDS.items():
            if self.path.partition(f"{{{name}}}")[0].endswith(f"/{place}/"):
                return {**told, **kind}
        # Of the address the site has put the API below.
        return {**told, "description": "As the site names it.", "schema": {"type": "string"}}

    def _inputs(self, serializer: Any) -> list[Schema]:
        mapped = self._map_serializer(serializer(), "request")  # type: ignore[no-untyped-call]
        return [
            {"name": name, "in": "query", "description": FILTERS[name], "schema": schema}
            for name, schema in mapped["properties"].items()
        ]

    def _parameter(self, one: Parameter) -> Schema:
        parameter: Schema = {
            "name": one.name,
            "in": one.place,
            "description": one.description,
            "schema": self.components.schema_of(one.schema),
        }
        if one.example is not None:
            parameter["example"] = one.example
        return parameter

    def _body(self, body: Body) -> Schema:
        schemas = [self.components.schema_of(kind) for kind in body.kinds]
        content = {
            "schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas},
            "examples": {name: {"value": value} for name, value in body.examples.items()},
        }
        return {"content": {body.media_type: content}, "required": body.is_required}

    def _responses(self, operation: Operation) -> Schema:
        responses = {
            str(status): self._answer(answer) for status, answer in operation.answers.items()
        }
        if operation.is_held:
            responses["302"] = self.components.ref(HELD, HELD, lambda: HELD_RESPONSE, "responses")
        for status, codes in sorted(problems_of(self.view, self.method, operation).items()):
            responses[str(status)] = problem_response(status, codes, self.components)
        return responses

    def _answer(self, answer: Answer) -> Schema:
        response: Schema = {"description": answer.description}
        if answer.headers:
            response["headers"] = {
                name: {"description": told, "required": True, "schema": {"type": "string"}}
                for name, told in answer.headers.items()
            }
        if answer.hint is not None:
            schema = self.components.schema_of(answer.hint)
            content = {"schema": schema, "examples": self._examples(schema, answer.example)}
            response["content"] = {JSON: content}
        return response

    def _examples(self, schema: Schema, example: Any) -> Schema:
        name = schema.get("$ref", "").rpartition("/")[2]
        if not name:
            return {"answer": {"value": example}}
        # The first to show an object of its kind; where another is shown, it stands alone.
        shared = self.components.ref(name, name, lambda: {"value": example}, "examples")
        known = self.registry[name, "examples"].schema["value"]
        return {"answer": shared if known == example else {"value": example}}
