"""The call of `dagster_pandera` that the tutorial makes, on the real pandera."""

import pandera.errors
from dagster import DagsterType, TypeCheck


def pandera_schema_to_dagster_type(schema):
    def check(context, value):
        try:
            schema.validate(value, lazy=True)
        except pandera.errors.SchemaErrors as error:
            return TypeCheck(success=False, description=str(error.failure_cases))
        return True

    return DagsterType(type_check_fn=check, name=schema.__name__)
