from . import count_file
from . import web_manifest
