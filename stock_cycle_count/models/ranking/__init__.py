from . import stock_cycle_count_risk
from . import stock_cycle_count_event_asked
from . import stock_cycle_count_event
