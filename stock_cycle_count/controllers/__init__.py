from . import count_file
