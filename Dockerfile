# Nightreel on the official Airflow image. The tag is the apache-airflow of requirements.txt.
FROM apache/airflow:3.3.2-python3.11

# Alone and first: the layer is built again only when a requirement changes.
COPY --chown=airflow:0 requirements.txt /opt/airflow/
RUN pip install --no-cache-dir --require-hashes --requirement /opt/airflow/requirements.txt

COPY --chown=airflow:0 pyproject.toml /opt/airflow/
COPY --chown=airflow:0 include /opt/airflow/include
COPY --chown=airflow:0 config /opt/airflow/config
COPY --chown=airflow:0 plugins /opt/airflow/plugins
COPY --chown=airflow:0 dags /opt/airflow/dags

# Editable, because Nightreel finds config/ beside include/. A new volume takes over the
# owner of the folder that it covers, and the tasks do not run as root.
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable /opt/airflow \
    && mkdir -p /opt/airflow/work /opt/airflow/reports

# The scripts and styles of the pages, as package-lock.json pins them.
RUN python -m nightreel.web.packages && rm -rf ~/.npm

ENV PYTHONPATH=/opt/airflow/include \
    NIGHTREEL_WORK_AREA=/opt/airflow/work \
    NIGHTREEL_REPORTS=/opt/airflow/reports \
    GX_ANALYTICS_ENABLED=false \
    DO_NOT_TRACK=1
