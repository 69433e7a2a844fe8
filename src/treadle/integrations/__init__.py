"""Systems that Treadle works with: each a folder that uses only public names, like a user's code, and an extra to install.

Nothing else in Treadle imports this room. Tests: tests/integrations.
"""
