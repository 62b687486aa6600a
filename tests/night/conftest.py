from tests.sources.conftest import origin as origin
from tests.sources.conftest import public as public
from tests.sources.conftest import settings as settings
