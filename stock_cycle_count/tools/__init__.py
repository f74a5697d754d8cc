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
    reconciliation,
    requests,
    schedule,
    sheets,
    transfers,
    verdict,
    workdays,
)
