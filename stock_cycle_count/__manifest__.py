{
    "name": "Cycle Counting",
    "summary": "ABC count schedules, blind counting, tolerance-gated approval of stock differences",
    "version": "17.0.2.0.0",
    "category": "Inventory/Inventory",
    "license": "LGPL-3",
    "author": "stock_cycle_count maintainers",
    "depends": ["stock", "resource"],
    "data": [
        "security/stock_cycle_count_groups.xml",
        "security/ir.model.access.csv",
        "security/stock_cycle_count_rules.xml",
        "data/ir_sequence_data.xml",
        "data/ir_cron_data.xml",
    ],
    "demo": [],
    "application": False,
    "installable": True,
}
