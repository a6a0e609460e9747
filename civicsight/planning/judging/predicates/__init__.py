"""The predicates that rules may ask, one function each: dossier, subject and parameters in.

`civicsight.planning.compliance` registers them by the names that `civicsight.rules` declares.
"""
