"""Business rules without the ORM: plain typed functions, doctested."""
from . import counting, forecast, pareto, schedule, sheets
