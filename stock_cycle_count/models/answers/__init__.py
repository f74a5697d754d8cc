from . import stock_cycle_count_draw
from . import stock_cycle_count_day
