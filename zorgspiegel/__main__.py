"""`python -m zorgspiegel` is the same as `zorgspiegel`."""

from zorgspiegel.cli import main

main()
