"""What changes: organisations, accounts, grants, and the trail of who did what. A Django app.

Writing goes through `actions`, deciding through `permissions`. Nothing else decides or writes.
"""
