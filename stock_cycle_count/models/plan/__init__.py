from . import stock_cycle_count_plan_sheets
from . import stock_cycle_count_plan
from . import stock_cycle_count_position
