"""What runs inside the processes of the stack's own Airflow. No other part of `local` imports Airflow."""
