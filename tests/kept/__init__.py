"""Files of every format that was published, as the civicsight of the time wrote them."""
