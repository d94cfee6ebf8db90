"""Django's settings and URLs. The only reader of the environment: all variables stand in `environment.py`."""
