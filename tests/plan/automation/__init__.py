"""Automation conditions: what they ask for, and why."""
