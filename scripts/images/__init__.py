"""The product's images: how they are built on this machine and brought into a cluster."""
