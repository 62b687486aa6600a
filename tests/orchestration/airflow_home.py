"""A home for Airflow, which reads its configuration, and makes a home, when it is first imported.

To be imported by a conftest, before any test module imports Airflow.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="nightreel-airflow-"))
os.environ["AIRFLOW_HOME"] = str(HOME)
# As every deployment of Nightreel has it. Airflow reads it when its models are imported.
os.environ["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] = "False"
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
