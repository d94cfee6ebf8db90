"""What is wrong with a delivery, where, and how to mend it: findings, plus the typed tables.

Two doors: `check` makes the expressions (nothing runs here), `judge` turns the numbers into an outcome.
"""

from zorgspiegel.check.examine import check
from zorgspiegel.check.judge import judge

__all__ = ["check", "judge"]
