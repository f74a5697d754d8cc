"""Business rules without the ORM: plain typed functions, doctested."""
from . import counting, forecast, hints, pareto, quant_cache, schedule, sheets, transfers, verdict
