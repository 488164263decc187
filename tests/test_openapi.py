"""The API keeps to its own description, whatever fits that description or breaks it."""

from dataclasses import replace

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from bot.app import create_app
from bot.parts import Parts

TOKEN = "t" * 32


def test_every_call_is_answered_as_described(learnt: Parts) -> None:
    settings_of_it = replace(learnt.settings, staff_token=TOKEN, messages_per_minute="0")
    parts = replace(learnt, settings=settings_of_it)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", create_app(parts))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert {operation.label for operation in operations} == {
        "POST /api/v1/messages",
        "GET /api/v1/requests/{reference}",
        "POST /api/v1/requests/{reference}/withdraw",
        "POST /api/v1/requests/{reference}/still-mailed",
        "POST /api/v1/requests/{reference}/code",
        "POST /api/v1/suppressions/check",
        "DELETE /api/v1/conversations/{token}",
        "GET /api/v1/texts/{code}",
        "GET /api/v1/sections/{code}/{section_id}",
        "POST /api/v1/feedback",
    }
    for operation in operations:
        # any string can stand in a path, so only a body or a query can break the description
        breakable = operation.body or operation.query
        for mode in GenerationMode if breakable else [GenerationMode.POSITIVE]:

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(
                max_examples=40,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            def call(case: schemathesis.Case) -> None:
                # a text of blanks alone fits the description and is refused all the same
                headers = {"Authorization": f"Bearer {TOKEN}"}
                case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

            call()
