"""The golden run: everything that the product writes and answers, held by digests.

It knows the product from outside only, by its public names, its commands and its files, so that
whatever moves inside is held by it.
"""
