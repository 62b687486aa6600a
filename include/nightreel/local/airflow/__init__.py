"""What runs inside the processes of the stack's Airflow. Nothing else in `local` imports Airflow."""
