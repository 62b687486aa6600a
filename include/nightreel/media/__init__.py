"""Probe, plan, encode and package: files in, files out. No database, no bucket, no Airflow."""
