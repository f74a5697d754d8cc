"""Business rules without the ORM: plain typed functions, doctested."""
from . import forecast, pareto, schedule, sheets
