"""What the DAGs wire together: the only place below dags/ that uses Airflow."""
