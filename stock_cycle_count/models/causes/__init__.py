from . import stock_cycle_count_cause
from . import stock_cycle_count_line_causes
