"""The embedded stack: PostgreSQL, an S3 server and Airflow as child processes of one supervisor."""
