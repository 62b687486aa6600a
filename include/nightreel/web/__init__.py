"""What Nightreel serves over HTTP: its API and its pages, mounted in Airflow or standing alone."""
