"""What holds every number that is shown to one value: cities, surfaces, a recount and a trace.

``python -m tests.figures scrape CITY...`` lists which surfaces contradict each other, and
``python -m tests.figures trace CITY...`` which numbers carry no key.
"""
