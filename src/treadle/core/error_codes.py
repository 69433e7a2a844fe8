"""The registry of codes: everything that can be wrong has a stable kebab-case code, a meaning and advice.

`severity` is what loading gives it by default: errors can never run, warnings are accepted by the peer and
refused under `strict`, info is advice that never fails anything. `hint` may hold `{fields}` for its raiser.
`page` is the slug of the docs page that explains it.
"""

from typing import Final, Literal, NamedTuple

Severity = Literal["error", "warning", "info"]


class Code(NamedTuple):
    """One row of the registry."""

    severity: Severity
    meaning: str
    hint: str
    page: str


def _error(meaning: str, hint: str = "", page: str = "errors") -> Code:
    return Code("error", meaning, hint, page)


def _warning(meaning: str, hint: str = "", page: str = "strict-mode") -> Code:
    return Code("warning", meaning, hint, page)


def _info(meaning: str, hint: str = "", page: str = "advice") -> Code:
    return Code("info", meaning, hint, page)


CODES: Final[dict[str, Code]] = {
    # Definitions
    "error": _error("Something went wrong that has no code of its own."),
    "invalid-definition": _error("A definition can never work."),
    "unfit-value": _error("A value is of a kind that its place does not take."),
    "invalid-argument": _error("An argument has the wrong type or is out of range."),
    "invalid-name": _error("A name breaks the rule for names of its kind.", "rename it to fit the rule"),
    "invalid-tag": _error("A tag's key or value breaks the rule for tags.", page="tags"),
    "invalid-owner": _error(
        "An owner is neither an email address nor a team.",
        "write `someone@example.com` or `team:name`",
        "owners",
    ),
    "invalid-kind": _error("A kind breaks the rule for kinds.", page="kinds"),
    "duplicate-key": _error("Two definitions have one key.", "rename one of {first} and {second}", "assets"),
    "writers-differ": _error(
        "Writers of one asset say different things of it.",
        "say it in one of them, or the same in all",
        "writers",
    ),
    "unknown-writer": _error("An asset has no writer of that name.", page="writers"),
    "dependency-cycle": _error(
        "Assets depend on each other in a circle.", "break the circle", "dependencies"
    ),
    "unknown-input": _error("A parameter names neither an asset nor a resource.", page="dependencies"),
    "unknown-argument": _error("A keyword that the call does not take.", page="errors"),
    "unknown-asset": _error("No asset has that key.", page="assets"),
    "unknown-check": _error("An asset has no check of that name.", page="asset-checks"),
    "partial-computation": _error(
        "A function that makes several assets in one go was asked for some.", page="assets"
    ),
    "config-of-range": _error(
        "A run of several partitions, each of which has another config.",
        "give the run a config, or make each partition in a run of its own",
        page="partitions",
    ),
    "unknown-job": _error("No job has that name.", page="jobs"),
    "no-job": _error(
        "A schedule or sensor asks for a run, and nothing says of which job.",
        "name a job or an `asset_selection`",
        page="schedules-and-sensors",
    ),
    "cursor-not-moved": _error(
        "A sensor acted on materializations and did not say that it read them.",
        "call `context.advance_cursor` or `context.advance_all_cursors`",
        page="schedules-and-sensors",
    ),
    "schedule-failed": _error("A function of a schedule raised.", page="schedules-and-sensors"),
    "unknown-resource": _error("A resource is asked for that nobody provides.", page="resources"),
    "wrong-resource-kind": _error("A resource is of another class than the one annotated.", page="resources"),
    "resource-cycle": _error("Resources need each other in a circle.", page="resources"),
    "missing-io-manager": _error("An IO manager key has no IO manager.", page="io-managers"),
    "incompatible-types": _error(
        "An upstream's type can not be loaded as the type of the parameter.", page="io-managers"
    ),
    "invalid-cron": _error("A cron expression does not parse or never occurs.", page="schedules"),
    "invalid-timezone": _error("No time zone has that name.", page="schedules"),
    "invalid-partitions": _error("A partitions definition can never work.", page="partitions"),
    "invalid-partition-key": _error("A partition key holds what no key may hold.", page="partitions"),
    "invalid-partition-mapping": _error(
        "A partition mapping does not fit the two partitions definitions.", page="partitions"
    ),
    "partition-mismatch": _error(
        "Neighbours are partitioned in ways that no default mapping joins.", page="partitions"
    ),
    "unknown-partition": _error("The partitions definition does not hold that key.", page="partitions"),
    "needs-control-process": _error(
        "The command works on what a running control process keeps.", page="schedules"
    ),
    "unreadable-subset": _error("A text is no stored set of these partitions.", page="partitions"),
    "partition-gone": _error("A partition was deleted while it was asked for.", page="partitions"),
    "invalid-selection": _error("A selection does not parse or matches nothing.", page="selection"),
    "selection-needs-instance": _error(
        "A selection asks for what only a running instance knows.", page="selection"
    ),
    "invalid-config-schema": _error("A config schema is not one.", page="config"),
    "invalid-config": _error("Config does not fit its schema.", page="config"),
    "missing-env-var": _error("An environment variable is not set.", "set {name}", "config"),
    "invalid-env-var": _error("An environment variable's value does not fit.", page="config"),
    "invalid-type": _error("A type is not one that values can be checked against.", page="types"),
    "config-mapping-failed": _error("A function that maps config raised.", page="config"),
    "invalid-invocation": _error(
        "A decorated function was called with arguments it does not take.", page="testing"
    ),
    "load-failed": _error("A module of definitions can not be imported.", page="loading"),
    "factory-failed": _error("A factory of assets raised, or is not one.", page="factories"),
    "factory-skipped": _warning(
        "A factory of assets failed and was left out.",
        "mend it; until then its assets are missing",
        "factories",
    ),
    "mixed-definitions": _error("Definitions that can not stand together.", page="loading"),
    # Components
    "invalid-component": _error("A component's file or class is not one.", page="components"),
    "unknown-component-type": _error(
        "A YAML file names a component type that is not there.", page="components"
    ),
    "invalid-attribute": _error("Attributes in YAML do not fit the component.", page="components"),
    "template-failed": _error("A template in YAML can not be filled in.", page="components"),
    "component-failed": _error("A component, or a file in the defs folder, raised.", page="components"),
    # Accepted by the peer, so warnings
    "unknown-dep": _warning(
        "A dependency names an asset that nobody defines.", "define it, or an AssetSpec for it"
    ),
    "undeclared-resource": _warning(
        "An asset uses a resource that it does not declare.", "make it a parameter"
    ),
    "writers-overwrite": _warning(
        "Several writers of one asset return values, and its IO manager keeps only the last.",
        "let each write its own part and return None or a MaterializeResult",
        "writers",
    ),
    "late-bound-closure": _warning(
        "A function made in a loop reads the loop's variable late.", "bind it as a default argument"
    ),
    "lookalike-key": _warning("Two keys differ only in letters that look alike."),
    "path-clash": _warning("An asset is stored where another, or a partition of another, is.", "rename one"),
    "lossy-partition-keys": _warning(
        "Keys of time partitions do not lead back to their windows.", "use a `fmt` that tells windows apart"
    ),
    "schedule-without-partition": _warning(
        "A schedule asks for runs of a partitioned job, and for no partition.",
        "use build_schedule_from_partitioned_job(job)",
        "schedules-and-sensors",
    ),
    "deprecated": _warning("A spelling that has a successor."),
    # Advice
    "no-io-manager": _info("An asset returns a value and names no IO manager."),
    "large-unpartitioned": _info("A large asset is not partitioned."),
    "no-metadata": _info("An asset says nothing about itself."),
    "no-description": _info("An asset has no description."),
    "not-deployed": _info("An asset of a loaded module is in no Definitions."),
    # Command line
    "no-target": _error("Nothing says which definitions are meant.", "give -f FILE or -m MODULE", "cli"),
    "invalid-option": _error("An option's value can not be used.", page="cli"),
    # Running
    "invariant-violation": _error("Something was asked for that the situation does not have."),
    "invalid-metadata": _error("Metadata holds what can not be stored.", page="metadata"),
    "metadata-too-large": _error(
        "The metadata of one event is too large, and was cut.",
        "write it to a file and attach its path",
        "metadata",
    ),
    "output-mismatch": _error("A step's outputs are not the declared ones.", page="outputs"),
    "missing-output": _error("An earlier step left no such output.", page="outputs"),
    "type-check-failed": _error("A value is not of the declared type.", page="types"),
    "type-check-raised": _error("A type's check function raised.", page="types"),
    "check-failed": _error("A blocking check failed.", page="asset-checks"),
    "step-failure": _error("A step failed.", page="runs"),
    "max-retries-exceeded": _error("A step failed once more than its retries allow.", page="retries"),
    "retry-requested": _error("A step asked to be run again.", page="retries"),
    "user-code-error": _error("User code raised.", page="runs"),
    "resource-init-failed": _error("Setting up a resource raised.", page="resources"),
    "load-input-failed": _error("An IO manager could not load an input.", page="io-managers"),
    "handle-output-failed": _error("An IO manager could not store an output.", page="io-managers"),
    "unsupported-type": _error("An IO manager has no way to store or load that type.", page="io-managers"),
    "column-types-differ": _error(
        "A column has types in two partitions that do not go together.", page="io-managers"
    ),
    "unfit-columns": _error("The columns of a frame cannot be those of a table.", page="io-managers"),
    "unknown-column": _error("An input asks for a column that is not stored.", page="io-managers"),
    "value-not-in-memory": _error("The value was made by another process.", page="io-managers"),
    "range-to-one-file": _error("Several partitions can not be kept in one file.", page="io-managers"),
    "several-partitions-one-value": _error("One value stands for several partitions.", page="io-managers"),
    "missing-partition-expr": _error("A table's column of partitions is not named.", page="io-managers"),
    "partitions-not-a-product": _error("Partitions of several dimensions are no block.", page="io-managers"),
    "row-outside-partitions": _error("A row lies outside the partitions being written.", page="io-managers"),
    "duckdb-locked": _error("Another process holds the DuckDB file.", page="duckdb"),
    "unreadable-result": _error("What a step sent from its process can not be read.", page="executors"),
    "unpicklable": _error("A value can not be pickled.", page="io-managers"),
    "executor-requirements": _error("The executor can not work with this store or job.", page="executors"),
    "subprocess-failed": _error("A step's process failed.", page="executors"),
    "step-timeout": _error("A step took longer than it may.", page="timeouts"),
    "run-timeout": _error("A run took longer than it may.", page="timeouts"),
    "start-timeout": _error("A run did not start in time.", page="timeouts"),
    "worker-lost": _error("The process that ran the work is gone.", page="runs"),
    "outside-process-failed": _error(
        "A process that a pipes client started failed, or sent what is not of the protocol.", page="pipes"
    ),
    "interrupted": _error("The run was told to stop.", page="runs"),
    "no-result": _error("The work ended without a result.", page="runs"),
    "unknown-step": _error("The plan has no such step.", page="runs"),
    "definitions-changed": _error("The code changed so that a run can not be taken up again.", page="runs"),
    "already-terminal": _error("The run is over, so its state can not change.", page="runs"),
    "location-changed": _error("The code changed while it was being asked.", page="code-locations"),
    # Store
    "not-found": _error("No such thing is stored."),
    "stale-lease": _error("Another process holds the run now.", page="runs"),
    "corrupt-record": _error("A stored record can not be read.", page="storage"),
    "disk-full": _error("No space is left where {path} is.", "free some space", "storage"),
    "home-not-writable": _error("The home folder can not be written.", page="storage"),
    "conflict": _error("What was to be stored is there already, or another has its place.", page="storage"),
    "store-on-network": _error("A SQLite store lies on a network file system.", page="storage"),
    "store-error": _error("The store failed.", page="storage"),
    "store-too-new": _error("The store was made by a newer version.", "upgrade Treadle", "storage"),
    "store-corrupt": _error("The store's file is damaged.", "restore it from a backup", "storage"),
    "store-unavailable": _error("The store's server does not answer.", page="storage"),
    "unknown-store": _error("A store URL names no kind of store.", page="storage"),
    "migration-failed": _error("The store's schema could not be brought up to date.", page="storage"),
    "missing-extra": _error("A package is missing that an extra would install.", page="installation"),
    "foreign-store": _error("The store belongs to another program.", page="storage"),
    "store-busy": _error("The store is locked by another process.", page="storage"),
    "path-taken": _error("A file stands where a folder is needed, or the reverse.", page="io-managers"),
    "value-not-stored": _error("Nothing is stored for an input.", page="io-managers"),
    "path-escapes": _error("A path leads out of the base folder.", page="storage"),
    # Doors
    "invalid-cursor": _error("A cursor is not one of this list's.", page="api"),
    "invalid-limit": _error("A limit is out of range.", page="api"),
    "query-too-complex": _error("A query asks for too much at once.", page="api"),
    "host-not-allowed": _error("A request names a host that is not allowed.", page="deployment"),
    "config-file-unreadable": _error("The configuration file can not be read.", page="configuration"),
    "invalid-setting": _error("A setting has a value that it can not have.", page="configuration"),
    "unknown-setting": _error("The configuration has a key that means nothing.", page="configuration"),
    "yaml-duplicate-key": _error("A YAML mapping has a key twice.", page="configuration"),
    "yaml-limit": _error("A YAML document is too large or too deep.", page="configuration"),
    "yaml-unsafe": _error("A YAML document asks for Python objects.", page="configuration"),
}
