"""What people see: pages, figures, tables and downloads of published data. A Django app.

It reads releases through `store.release_reader`, asks `ledger.permissions` what may be seen, and never
meets a cell that is not published.
"""
