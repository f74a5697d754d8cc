from . import stock_cycle_count_fingerprint
from . import stock_cycle_count_explanation
from . import stock_cycle_count_finding
from . import stock_cycle_count_reconciliation_checks
from . import stock_cycle_count_reconciliation
