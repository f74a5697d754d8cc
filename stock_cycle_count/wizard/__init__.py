from . import stock_cycle_count_close
from . import stock_cycle_count_recount
