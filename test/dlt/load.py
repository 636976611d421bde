"""Runs rest_api configs with dlt into DuckDB. Reads one request per line from stdin and writes one response per line to stdout.

A request has the name of a comparison, the config and a folder for the pipeline. The tables of a comparison stay in memory
until its last run, so that later runs add to them.
"""

import io
import json
import os
import sys
import warnings

os.environ.update(
    RUNTIME__DLTHUB_TELEMETRY="false",
    RUNTIME__LOG_LEVEL="CRITICAL",
    RUNTIME__REQUEST_BACKOFF_FACTOR="0",
    RUNTIME__REQUEST_MAX_ATTEMPTS="2",
    NORMALIZE__WORKERS="1",
    LOAD__WORKERS="1",
    RESTORE_FROM_DESTINATION="false",
    DLT_DATA_DIR=os.path.join(sys.argv[1], "dlt"),
    DLT_PROJECT_DIR=sys.argv[1],
)
responses = sys.stdout
sys.stdout = sys.stderr = io.StringIO()
warnings.simplefilter("ignore")

import dlt  # noqa: E402  the environment must be set before
import duckdb  # noqa: E402
from dlt.common.configuration.providers.environ import EnvironProvider  # noqa: E402
from dlt.destinations.impl.duckdb.configuration import DuckDbBaseCredentials  # noqa: E402
from dlt.sources.rest_api import rest_api_source  # noqa: E402

DATASET = "lake"
connections = {}


def environment_value(provider, key, hint, pipeline_name, *sections):
    """Reads a setting. dlt's own version also analyses the type and searches mounted secrets: a third of the time of a run."""
    name = provider.get_key_name(key, pipeline_name, *sections)
    return os.environ.get(name), name


EnvironProvider.get_value = environment_value
# A query for the path of the database file, hundreds of times a run. In memory, there is none.
DuckDbBaseCredentials._external_conn_database = staticmethod(lambda connection: ":external:")


def with_functions(value):
    """Replaces the source text of Python functions, at any depth."""
    if isinstance(value, dict):
        if set(value) == {"$python"}:
            return eval(value["$python"])  # noqa: S307  the tables of this folder
        return {key: with_functions(inner) for key, inner in value.items()}
    return [with_functions(inner) for inner in value] if isinstance(value, list) else value


def selected(name, data_type):
    """Returns the SQL of a column's values as text; restlake.fixture.ts has the same rule."""
    column = '"' + name.replace('"', '""') + '"'
    return f"CAST({'epoch_us(' + column + ')' if data_type == 'timestamp' else column} AS VARCHAR)"


def tables_of(pipeline, connection):
    """Returns columns and rows of all tables, without dlt's own."""
    if not pipeline.schemas:
        return {}
    stored = connection.execute(
        f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '{DATASET}'"
    ).fetchall()
    tables = {}
    for name, table in pipeline.default_schema.tables.items():
        columns = {
            column: hints["data_type"]
            for column, hints in table["columns"].items()
            if not column.startswith("_dlt_") and (name, column) in stored
        }
        if name.startswith("_dlt_") or not columns:
            continue
        values = ", ".join(selected(column, data_type) for column, data_type in columns.items())
        rows = connection.execute(f'SELECT {values} FROM {DATASET}."{name}"').fetchall()
        tables[name] = {"columns": columns, "rows": rows}
    return tables


def load(name, folder, config):
    """Runs a config once and returns the tables after it."""
    source = rest_api_source(with_functions(config), name="shop")
    connection = connections.setdefault(name, duckdb.connect(":memory:"))
    connection.execute("SET TimeZone = 'UTC'")
    pipeline = dlt.pipeline(
        pipeline_name="comparison",
        pipelines_dir=folder,
        destination=dlt.destinations.duckdb(credentials=connection),
        dataset_name=DATASET,
    )
    pipeline.run(source)
    return tables_of(pipeline, connection)


def reason(error):
    """Returns the innermost cause of an error in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


for line in sys.stdin:
    request = json.loads(line)
    try:
        response = {"tables": load(request["name"], request["folder"], request["config"]), "error": None}
    except Exception as error:
        response = {"tables": {}, "error": reason(error)}
    if request["is_last"] and request["name"] in connections:
        connections.pop(request["name"]).close()
    print(json.dumps(response), file=responses, flush=True)
