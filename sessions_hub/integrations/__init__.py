"""What other packages call, one module for each. Not imported where they are not installed."""
