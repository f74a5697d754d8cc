from . import count_file
from . import guide
from . import web_manifest
