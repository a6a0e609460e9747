"""The compliance report: every article of every pack, for a reviewer or for the public."""

from civicsight.report.compliance.account import Account, give_account
from civicsight.report.compliance.volumes import figures_of, write_compliance

__all__ = ["Account", "figures_of", "give_account", "write_compliance"]
