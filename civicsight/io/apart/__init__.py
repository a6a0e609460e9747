"""Files from strangers are read in a process of their own, which is thrown away afterwards."""
