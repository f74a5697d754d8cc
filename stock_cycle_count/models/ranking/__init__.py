from . import stock_cycle_count_risk
