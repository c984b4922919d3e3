"""The seam to the cluster as a person reaches it: the API server, and through its proxy pods and Services."""
