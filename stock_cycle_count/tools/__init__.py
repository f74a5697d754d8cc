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
    requests,
    schedule,
    sheets,
    transfers,
    verdict,
    workdays,
)
