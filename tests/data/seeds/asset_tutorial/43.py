# Must merge definitions
defs = dg.Definitions.merge(
    build_ingestion_defs(),  # Contains upstream
    build_transform_defs(),   # Contains downstream
)
