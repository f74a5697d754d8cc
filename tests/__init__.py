"""The system from outside; the addon's own tests travel with it, in ``stock_cycle_count/tests``."""
