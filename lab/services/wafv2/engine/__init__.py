"""The rule engine: the OWASP Core Rule Set in libmodsecurity, and AWS's way to decide over what it finds.

It runs by itself, with the Python of the firewall's image and nothing beside the standard library.
"""
