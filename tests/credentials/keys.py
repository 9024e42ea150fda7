"""Keys for tests, and one that no ring has."""

from __future__ import annotations

FIRST = "Zk3vQ8sT1yXw5LrN0aBcD7eFgH2iJ4kM6oPqRuSxVtU"
SECOND = "b0f1c2d3e4a5968778695a4b3c2d1e0ff0e1d2c3b4a5968778695a4b3c2d1e0f"
THIRD = "t9WcYJm2H-xUe4_RkVbN6sLdQ7oPzG1iAf0E3ThCvXy"
