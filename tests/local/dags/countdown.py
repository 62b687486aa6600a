"""A DAG that takes as long as it is told to, in seconds, on its second task."""

import time

from airflow.sdk import dag, task


@dag(schedule=None, params={"seconds": 0})
def countdown():
    @task
    def greet():
        return "hello"

    @task(retries=2, retry_delay=1)
    def wait(greeting, params):
        time.sleep(params["seconds"])
        return greeting

    wait(greet())


countdown()
