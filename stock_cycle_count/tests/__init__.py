from . import test_abc_assignment
from . import test_abc_profile
from . import test_blind
from . import test_recount
from . import test_scanner_api
from . import test_tools
from . import test_tour
from . import test_web_client
