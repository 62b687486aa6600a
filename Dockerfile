# Nightreel on the official Airflow image, the slim one: Airflow alone. The full one has some fifty
# providers that nothing here uses. What requirements.txt has in another version than the image is
# replaced, and must be: requirements.txt is what the tests have run with, to the byte, and Airflow's
# own constraints pin older releases of some of the same packages. The tag is the apache-airflow of
# requirements.txt; where a registry is at hand, AIRFLOW_IMAGE in .env pins its bytes as well.
ARG AIRFLOW_IMAGE=apache/airflow:slim-3.3.2-python3.11
FROM ${AIRFLOW_IMAGE}

# Alone and first: the layer is built again only when a requirement changes. All that is needed is in
# the file; pip would look for newer releases of what another package wants with an extra.
COPY --chown=airflow:0 requirements.txt /opt/airflow/
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement /opt/airflow/requirements.txt

COPY --chown=airflow:0 pyproject.toml /opt/airflow/
COPY --chown=airflow:0 include /opt/airflow/include
COPY --chown=airflow:0 config /opt/airflow/config
COPY --chown=airflow:0 plugins /opt/airflow/plugins
COPY --chown=airflow:0 dags /opt/airflow/dags

# Editable, because Nightreel finds config/ beside include/. A new volume takes over the
# owner of the folder that it covers, and the tasks do not run as root.
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable /opt/airflow \
    && mkdir -p /opt/airflow/work /opt/airflow/reports /opt/airflow/streams

# The scripts and styles of the pages, as package-lock.json pins them.
RUN python -m nightreel.web.packages && rm -rf ~/.npm

ENV PYTHONPATH=/opt/airflow/include \
    NIGHTREEL_WORK_AREA=/opt/airflow/work \
    NIGHTREEL_REPORTS=/opt/airflow/reports \
    GX_ANALYTICS_ENABLED=false \
    DO_NOT_TRACK=1
