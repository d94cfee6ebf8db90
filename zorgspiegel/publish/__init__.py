"""From protected cells to the plan of a release, and what may be derived from published figures."""

from zorgspiegel.publish import derive
from zorgspiegel.publish.plan import publish

__all__ = ["derive", "publish"]
