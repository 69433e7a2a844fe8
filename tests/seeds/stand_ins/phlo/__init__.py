"""A project's package. `phlo.config` is not here: Treadle answers for it."""
