from . import stock_cycle_count_line_transfers
from . import stock_cycle_count_line_recheck
from . import stock_cycle_count_line_refusals
from . import stock_cycle_count_line_posting
from . import stock_cycle_count_line_quants
from . import stock_cycle_count_line_journal
from . import stock_cycle_count_journal
from . import stock_cycle_count_transfer
