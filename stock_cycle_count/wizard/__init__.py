from . import stock_cycle_count_backtest
from . import stock_cycle_count_close
from . import stock_cycle_count_decide
from . import stock_cycle_count_explain
from . import stock_cycle_count_found
from . import stock_cycle_count_recount
from . import stock_inventory_conflict
from . import stock_request_count
