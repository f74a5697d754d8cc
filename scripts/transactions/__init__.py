"""Sales files into Odoo: `reader` and `layout` are plain Python, the other modules need an Odoo environment."""
