"""How good the engine is: recall always beside precision, planted faults beside alarms on what nobody broke."""
