from . import stock_cycle_count_audit_log
from . import stock_cycle_count_opening
from . import stock_cycle_count_adjustment
from . import stock_cycle_count_gate_moves
from . import stock_cycle_count_gate_kinds
from . import stock_cycle_count_gate
