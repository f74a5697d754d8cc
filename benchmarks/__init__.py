"""What the addon costs, measured against bare SQL that does the same work; see ``run``."""
