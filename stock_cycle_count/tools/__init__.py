"""Business rules without the ORM: plain typed functions, doctested."""
from . import (
    counting,
    due,
    forecast,
    hints,
    levelling,
    notifications,
    numbers,
    pareto,
    quant_cache,
    schedule,
    sheets,
    transfers,
    verdict,
    workdays,
)
