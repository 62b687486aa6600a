"""Runs as seen from outside: by Airflow, its API, the command line and the pages."""
