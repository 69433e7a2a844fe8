import pandera as pa
from pandera.typing import Series
from dagster_pandera import pandera_schema_to_dagster_type

class MyDataSchema(pa.DataFrameModel):
    """Schema for my data."""
    id: Series[int] = pa.Field(ge=0)
    value: Series[float] = pa.Field(ge=0, le=100)
    name: Series[str]

    class Config:
        coerce = True
        strict = True

# Use as type hint
@dg.asset
def validated_data() -> pandera_schema_to_dagster_type(MyDataSchema):
    """Data with automatic validation."""
    import pandas as pd

    df = pd.DataFrame({
        "id": [1, 2, 3],
        "value": [10.5, 20.3, 30.1],
        "name": ["A", "B", "C"],
    })

    # Validation happens automatically!
    return df
