"""What Nightreel serves over HTTP. Knows no Airflow: who may read is decided by a guard passed in."""
