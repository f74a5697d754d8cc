from . import stock_cycle_count_cause
from . import stock_cycle_count_hint_search
from . import stock_cycle_count_hint
from . import stock_cycle_count_line_causes
