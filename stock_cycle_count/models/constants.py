"""States and keys that several models speak of."""

#: What a stock key is made of.
KEY_FIELDS = ("product_id", "location_id", "lot_id", "package_id", "owner_id")
#: Usages of the locations in which stock is counted.
STOCK_USAGES = ("internal", "transit")
#: States in which a count line claims its stock key.
OPEN_STATES = ("pending", "counted", "recount", "to_approve", "approved")
#: States in which a count line waits for somebody to count it.
TO_COUNT_STATES = ("pending", "recount")
#: Group that decides on each level of approval; whoever has ``group_approver`` alone reads what they decide on.
LEVEL_GROUPS = {1: "stock_cycle_count.group_decider", 2: "stock_cycle_count.group_controller"}
#: Count sheets in these states are counted, or about to be.
COUNTING_STATES = ("draft", "in_progress")
#: Count sheets in these states hold the locations that they block.
HOLDING_STATES = ("in_progress", "review")
#: Which state of a count line may follow which; ``_transition`` is the only way from one to the next. What is rejected,
#: posted or cancelled has ended: the same stock is counted again on another line.
LINE_TRANSITIONS = {
    "pending": ("counted", "cancel"),
    "counted": ("pending", "recount", "to_approve", "approved", "posted", "cancel"),
    "recount": ("counted", "cancel"),
    "to_approve": ("counted", "recount", "approved", "rejected", "cancel"),
    "approved": ("counted", "recount", "to_approve", "rejected", "posted", "cancel"),
    "rejected": (),
    "posted": (),
    "cancel": (),
}
