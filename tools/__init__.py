"""Commands that prepare a machine for civicsight, and pack what another one needs."""
