"""What the DAGs wire together: the only place below dags/ that knows Airflow.

DAG files import from here at every parse, so the modules import what is heavy (drivers,
clients, media) inside their functions.
"""
