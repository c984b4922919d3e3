"""The seam of port forwards: a port of this machine that leads to a Service of the cluster."""
