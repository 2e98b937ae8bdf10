"""What leaves the laboratory: recordings as Neo objects and files, figures, and a report for people.

`to_neo` makes Neo objects of what recorders hold, `save` writes them, or a figure, to a file whose suffix
chooses the format, and `load` reads such a file back. `nest_lab.export.report` makes a page about one
simulation.
"""

from nest_lab.export.files import load, save
from nest_lab.export.neo import to_neo

__all__ = ["load", "save", "to_neo"]
