"""Probe, plan, encode and package: files in, files out. Knows no database, no bucket and no Airflow."""
