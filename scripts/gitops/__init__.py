"""What Frametrace ships for GitOps tools: the snippet for Argo CD's settings, made from the Lua beside it."""
