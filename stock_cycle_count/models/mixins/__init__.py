from . import stock_cycle_count_request_mixin
from . import stock_cycle_count_blind_mixin
from . import stock_cycle_count_protected_mixin
from . import stock_cycle_count_made_mixin
from . import stock_cycle_count_append_only_mixin
from . import stock_cycle_count_logged_mixin
from . import stock_cycle_count_policy_mixin
from . import stock_cycle_count_cron_mixin
