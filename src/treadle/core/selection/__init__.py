"""Choosing assets and checks: `AssetSelection`, its text language, and the step selections of jobs.

A selection is a frozen expression; it knows no assets until it is resolved against a `SelectableGraph`.
`attributes` is the one table of what can be matched (`group:`, `kind:` ...); `parser` reads the text,
`asset_selection` holds the class that users see and its kinds, `expression` resolves and prints them, `walks`
has the graph walks, `graph` what a graph must offer.
Must not: read definitions (they arrive by duck typing), do I/O, or recurse along a graph.
Who may import: everyone. Tests: tests/core/selection.
"""
