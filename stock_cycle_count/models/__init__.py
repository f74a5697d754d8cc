# The rooms, in the order in which their models inherit from each other
from . import mixins
from . import classification
from . import plan
from . import review
from . import posting
from . import files
from . import count
from . import scanner
from . import gate
from . import reconciliation
# Core's models
from . import stock_quant
from . import stock_lot
from . import stock_move
from . import stock_move_line
from . import stock_location
from . import stock_picking
from . import stock_warehouse
from . import uom_uom
from . import product_product
from . import product_template
from . import res_company
from . import res_config_settings
from . import res_users
from . import res_groups
from . import base_partner_merge_automatic_wizard
from . import ir_attachment
