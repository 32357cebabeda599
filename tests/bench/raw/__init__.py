"""The same stack by boto3 alone: what the calls themselves cost, the measure of everything else.

Not a way to build anything: it tags and names as the roles do, waits for nothing, and knows no second run but the one
that looks.
"""
