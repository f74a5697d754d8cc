from . import stock_cycle_count_line_posting
from . import stock_cycle_count_transfer
