"""Commands that prepare a machine for civicsight; they need only the standard library."""
