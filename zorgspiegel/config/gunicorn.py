"""How gunicorn runs the site. Each worker process warms its chart engine before it answers."""

from __future__ import annotations

import multiprocessing
from typing import Any

workers = max(2, multiprocessing.cpu_count())
# Threads let a quick page pass while another one is drawing its figures.
threads = 4
worker_class = "gthread"
timeout = 60
graceful_timeout = 30
max_requests = 5000
max_requests_jitter = 500
accesslog = None  # addresses of pages say which gemeente is looked at; the audit trail is the place for that
errorlog = "-"
control_socket_disable = True
limit_request_line = 4094
limit_request_fields = 60


def post_worker_init(worker: Any) -> None:
    """The chart engine takes most of a second to start: not while somebody waits."""
    from zorgspiegel.portal import releases
    from zorgspiegel.portal.figures import render

    render.warm()
    releases.warm()
