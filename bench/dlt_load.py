"""Subject: dlt's rest_api source to gzipped JSON lines in a local folder, with dlt's defaults.

Measures pipeline.run only: the start of Python and the imports do not count. The column with a list is declared as JSON, as
restlake stores it; a child table would be more work.
"""

import json
import os
import resource
import sys
import time

load = json.loads(sys.argv[1])
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"
os.environ["DLT_DATA_DIR"] = os.path.join(load["out"], "dlt")

import dlt  # noqa: E402  the environment must be set before
from dlt.sources.rest_api import rest_api_source  # noqa: E402

COLUMNS = {"tags": {"data_type": "json"}}
path = f"{load['latency']}/{load['kind']}/{load['count']}/{load['rows']}"


def resources():
    if load["kind"] == "rows":
        paginator = {"type": "page_number", "base_page": 1, "total_path": "total_pages"}
        endpoint = {"path": path, "data_selector": "data", "paginator": paginator}
        return [{"name": "rows", "columns": COLUMNS, "endpoint": endpoint}]
    single = {"data_selector": "data", "paginator": "single_page"}
    children = {"path": path + "/{resources.parents.id}", **single}
    return [
        {"name": "parents", "columns": COLUMNS, "endpoint": {"path": path, **single}},
        {
            "name": "children",
            "columns": COLUMNS,
            "parallelized": load.get("parallelized", False),
            "endpoint": children,
        },
    ]


source = rest_api_source({"client": {"base_url": load["api"] + "/"}, "resources": resources()}, name="bench")
pipeline = dlt.pipeline(
    pipeline_name="bench",
    pipelines_dir=os.path.join(load["out"], "pipelines"),
    destination=dlt.destinations.filesystem(bucket_url="file://" + os.path.join(load["out"], "lake")),
    dataset_name="bench",
)


def usage():
    """Returns the CPU seconds and the peak memory in bytes of this process and its child processes."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    scale = 1 if sys.platform == "darwin" else 1024
    return sum(one.ru_utime + one.ru_stime for one in both), max(one.ru_maxrss for one in both) * scale


cpu_before, _ = usage()
started_at = time.perf_counter()
pipeline.run(source, loader_file_format="jsonl")
wall = time.perf_counter() - started_at
cpu_after, peak = usage()
counts = pipeline.last_trace.last_normalize_info.row_counts
rows = sum(count for table, count in counts.items() if not table.startswith("_dlt"))
print(
    json.dumps(
        {"wall_ms": wall * 1000, "cpu_ms": (cpu_after - cpu_before) * 1000, "peak_mb": peak / 1e6, "rows": rows}
    )
)
