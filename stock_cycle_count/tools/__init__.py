"""Business rules without the ORM: plain typed functions, doctested."""
from . import counting, forecast, hints, pareto, schedule, sheets, transfers, verdict
