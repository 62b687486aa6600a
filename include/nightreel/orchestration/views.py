"""The web app's pages inside Airflow's UI: in its navigation, and as tabs beside a run."""

from nightreel.orchestration.links import web_path


def external_views() -> list[dict[str, object]]:
    """The pages that Airflow shows, each in a frame (`external_views` of a plugin).

    Airflow shows a tab beside the runs of every DAG. The page is told which DAG, so that it can say when
    there is nothing to watch.
    """
    return [
        {
            "name": "Nightreel",
            "href": web_path("/"),
            "destination": "nav",
            "url_route": "nightreel",
            "icon": web_path("/assets/icon.svg"),
            "nav_top_level": True,
        },
        {
            "name": "Tonight",
            "href": web_path("/tonight"),
            "destination": "nav",
            "url_route": "nightreel-tonight",
            "icon": web_path("/assets/tonight.svg"),
            "nav_top_level": True,
        },
        {
            "name": "Watch",
            "href": web_path("/runs/{RUN_ID}?dag={DAG_ID}"),
            "destination": "dag_run",
            "url_route": "nightreel-watch",
            "icon": web_path("/assets/icon.svg"),
        },
        {
            "name": "Report",
            "href": web_path("/runs/{RUN_ID}/report?dag={DAG_ID}"),
            "destination": "dag_run",
            "url_route": "nightreel-report",
            "icon": web_path("/assets/report.svg"),
        },
    ]
