from . import stock_cycle_count_print
from . import stock_cycle_count_import_lines
from . import stock_cycle_count_import
from . import base_import_import
