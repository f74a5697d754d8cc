"""What the books should show, kept apart from the database."""


class Books:
    """Every change of a stock key with its time, and nothing else."""

    def __init__(self):
        self.changes = []

    def change(self, key, time, quantity):
        self.changes.append((key, time, quantity))

    def at(self, key, time):
        """Quantity of a key at a time."""
        return sum(quantity for changed, when, quantity in self.changes if changed == key and when <= time)

    def totals(self):
        """``{key: quantity}`` now, without the keys that hold nothing."""
        totals = {}
        for key, _time, quantity in self.changes:
            totals[key] = totals.get(key, 0) + quantity
        return {key: quantity for key, quantity in totals.items() if quantity}
