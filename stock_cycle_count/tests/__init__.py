from . import test_scanner_api
