"""What all tests share: Django, the folder with public data, and one local Spark for the whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lib.databases import set_django_up
from zorgspiegel.store import engine

set_django_up()  # here, so that pytest-django finds it done whatever is tested first


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers: all Spark tests in one (it is slow to start), other tests with their file."""
    for item in items:
        group = "spark" if item.get_closest_marker("spark") else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder with the public files (ZORGSPIEGEL_DATA); the test is skipped where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ZORGSPIEGEL_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no public files: the folder of ZORGSPIEGEL_DATA ({folder.name}) does not exist")
    return folder


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An Ibis backend on a local Spark with two cores, made through the same door as in production."""
    pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'zorgspiegel[spark]'")
    folder = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder),
        "spark.ui.showConsoleProgress": "false",
        # Arrow reaches into java.nio; without this Java 17 refuses.
        "spark.driver.extraJavaOptions": "-Dio.netty.tryReflectionSetAccessible=true "
        "--add-opens=java.base/java.nio=ALL-UNNAMED -Dderby.system.home=" + str(folder),
    }
    options = " ".join(f'--conf "{key}={value}"' for key, value in settings.items())
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"--master local[2] --driver-memory 1500m {options} pyspark-shell"
    backend = engine.spark_connection()
    backend._session.sparkContext.setLogLevel("ERROR")
    yield backend
    backend._session.stop()
