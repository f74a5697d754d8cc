from . import stock_cycle_count_scanner_barcode
from . import stock_cycle_count_scanner_scan
from . import stock_cycle_count_scanner_data
from . import stock_cycle_count_scanner_found
from . import stock_cycle_count_scanner_replays
from . import stock_cycle_count_scanner_entries
from . import stock_cycle_count_scanner
