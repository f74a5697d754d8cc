from . import stock_abc_profile
from . import stock_abc_class
from . import stock_abc_assignment
from . import stock_abc_history
