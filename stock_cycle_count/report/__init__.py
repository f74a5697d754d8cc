from . import stock_cycle_count_sheet
from . import stock_cycle_count_voucher
