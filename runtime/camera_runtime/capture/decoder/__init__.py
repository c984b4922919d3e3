"""The decoder's process: decodes hostile bytes under limits, apart from all that the pod must go on doing.

`__main__`, `work`, `job`, `messages`, `ring` and what they import from above run in the child, and stay light;
`process`, `limits` and `feed` are the parent's side.
"""
