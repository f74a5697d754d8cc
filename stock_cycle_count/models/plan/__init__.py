from . import stock_cycle_count_plan_draw
from . import stock_cycle_count_plan_ranking
from . import stock_cycle_count_plan_answers
from . import stock_cycle_count_plan_sheets
from . import stock_cycle_count_plan_templates
from . import stock_cycle_count_plan
from . import stock_cycle_count_position_now
from . import stock_cycle_count_position
