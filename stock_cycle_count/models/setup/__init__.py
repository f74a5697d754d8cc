from . import stock_cycle_count_setup_proposals
from . import stock_cycle_count_setup_sentences
from . import stock_cycle_count_setup_undo
from . import stock_cycle_count_setup
