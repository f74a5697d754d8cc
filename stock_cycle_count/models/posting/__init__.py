from . import stock_cycle_count_line_transfers
from . import stock_cycle_count_line_recheck
from . import stock_cycle_count_line_refusals
from . import stock_cycle_count_line_posting
from . import stock_cycle_count_transfer
