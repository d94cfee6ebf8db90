"""The room that hides what could point at a person or a provider, and then attacks the result itself.

`protect` is the only maker of `terms.protected.Protected`, the only thing that `publish` takes.
"""

from zorgspiegel.protect.door import protect

__all__ = ["protect"]
