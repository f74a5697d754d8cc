from . import stock_cycle_count_limits_mixin
from . import stock_cycle_count_tolerance
from . import stock_cycle_count_reason
from . import stock_cycle_count_line_verdict
from . import stock_cycle_count_line_decision
from . import stock_cycle_count_line_analysis
from . import stock_cycle_count_approval
from . import stock_cycle_count_review
