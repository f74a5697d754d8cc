from . import stock_cycle_count_line_input
from . import stock_cycle_count_line_state
from . import stock_cycle_count_lock
from . import stock_cycle_count
from . import stock_cycle_count_line
from . import stock_cycle_count_entry
