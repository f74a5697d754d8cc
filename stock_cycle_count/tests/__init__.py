from . import test_blind
from . import test_scanner_api
from . import test_tools
