"""A DAG whose tasks are given, in each way that Airflow has, what the run's `conf` says."""

from airflow.sdk import dag

from nightreel.orchestration.operators import task


def say(params):
    return params["said"]


def as_jobs(said):
    return [{"job": {"label": said, "names": [said]}}]


def repeat(job, beside=""):
    return {"job": job, "beside": beside}


@dag(schedule=None, params={"said": ""})
def given_data():
    said = task(task_id="say")(say)()
    jobs = task(task_id="as_jobs")(as_jobs)(said)
    again = task(task_id="repeat")(repeat)
    again(job={"label": said, "names": [said]})
    task(task_id="repeat_mapped", map_index_template="{{ task.op_kwargs['job']['label'] }}")(repeat).partial(
        beside=said
    ).expand(job=jobs.map(lambda each: each["job"]))
    task(task_id="repeat_keywords")(repeat).expand_kwargs(jobs)


given_data()
